"""The one way into a session: after the password, and after the second step of who has one."""

from datetime import timedelta

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from partners import devices, second_step, tenancy, throttling
from partners.arrivals import client_address
from partners.models import User
from partners.second_step_forms import DigitsForm, RecoveryForm
from partners.views.keeping import FIELD, ask_again, carry_on
from partners.views.throttling import count

BACKEND = "partners.backends.ThrottledBackend"
DOOR = "second-step"
# In the session of somebody who is not logged in: whose password was right, and when.
WAITING = "waits_for_second_step"
PATIENCE = timedelta(minutes=10)


def let_in(request: HttpRequest, user: User, *, to: str, kept: str = "") -> HttpResponse:
    """Log in whoever needs no second step; ask all others for it, and log nobody in before.

    `kept`: what a page of the log-in carries, to be sent on.
    """
    if user.second_step_at is None:
        return _entered(request, user, to, kept)
    request.session.flush()
    request.session[WAITING] = {
        "user": user.pk,
        "hash": user.get_session_auth_hash(),
        "since": timezone.now().timestamp(),
        "to": to,
    }
    if kept:
        return _ask_for_code(request, kept, DigitsForm(), RecoveryForm())
    return redirect("partners:log-in-code")


def _entered(request: HttpRequest, user: User, to: str, kept: str) -> HttpResponse:
    """Log in, and let the device remember of which partners this is a member."""
    login(request, user, backend=BACKEND)
    response = carry_on(request, kept) or redirect(to)
    own = tenancy.own_partners(user=user)
    devices.remember(request, response, partner_ids=[it.pk for it in own])
    return response


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def log_in_code(request: HttpRequest) -> HttpResponse:
    user = _who_waits(request)
    kept = request.POST.get(FIELD, "")
    if user is None:
        return ask_again(request, kept) if kept else redirect("partners:log-in")
    is_recovering = "recovery_code" in request.POST
    digits = DigitsForm(None if is_recovering else request.POST or None)
    recovery = RecoveryForm(request.POST if is_recovering else None)
    if _is_right(request, user, recovery if is_recovering else digits):
        to = request.session.pop(WAITING)["to"]
        return _entered(request, user, to, kept)
    return _ask_for_code(request, kept, digits, recovery)


def _ask_for_code(
    request: HttpRequest, kept: str, digits: DigitsForm, recovery: RecoveryForm
) -> HttpResponse:
    context = {"form": digits, "recovery_form": recovery, "kept": kept}
    return render(request, "registration/log_in_code.html", context)


def _is_right(request: HttpRequest, user: User, form: DigitsForm | RecoveryForm) -> bool:
    if not form.is_valid():
        return False
    ((field, code),) = form.cleaned_data.items()
    try:
        take(request, user, code)
    except second_step.WrongCode:
        form.add_error(field, form.refusal)
    return not form.errors


def _who_waits(request: HttpRequest) -> User | None:
    """A password that was changed meanwhile has to be entered anew."""
    waiting = request.session.get(WAITING)
    if not waiting or timezone.now().timestamp() - waiting["since"] > PATIENCE.total_seconds():
        return None
    user = User.objects.filter(pk=waiting["user"], is_active=True).first()
    if user and constant_time_compare(waiting["hash"], user.get_session_auth_hash()):
        return user
    return None


def take(request: HttpRequest, user: User, code: str, *, password: str | None = None) -> None:
    """Count the try, then take the code, and the password where one is asked for as well.

    Raises TooManyTries, WrongPassword, WrongCode.
    """
    now, language = timezone.now(), get_language() or "en"
    count(request, door=DOOR, limit=throttling.CODE, account=user.email)
    if password is None:
        second_step.take(user=user, code=code, language=language, now=now)
    else:
        second_step.prove(user=user, password=password, code=code, language=language, now=now)
    throttling.forgive(
        door=DOOR,
        limit=throttling.CODE,
        account=user.email,
        address=client_address(request),
        now=now,
    )
