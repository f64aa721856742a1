"""Where people turn the second step of their log-in on and off, and make new recovery codes."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from partners import qr, second_step
from partners.models import User
from partners.second_step_forms import (
    WRONG_CODE,
    WRONG_DIGITS,
    WRONG_PASSWORD,
    DigitsForm,
    ProofForm,
)
from partners.views.entering import user_of
from partners.views.letting_in import take


@sensitive_post_parameters()
@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    deeds = WHEN_ON if user.second_step_at else WHEN_OFF
    deed = deeds.get(request.POST.get("do", ""))
    return deed(request, user) if deed else _show(request, user)


def _show(request: HttpRequest, user: User, **forms: Any) -> HttpResponse:
    context: dict[str, Any] = {"is_missing": second_step.is_missing(user=user)}
    if user.second_step_at:
        context |= {"left": second_step.codes_left(user=user)}
        context |= {"codes_form": ProofForm(prefix="codes"), "off_form": ProofForm(prefix="off")}
    elif device := second_step.begun(user=user):
        context |= {"form": DigitsForm(), "device": device}
        context |= {"secret": second_step.secret(device=device)}
        context |= {"code": mark_safe(qr.inline(address=device.config_url))}  # noqa: S308 - segno's
    return render(request, "partners/portal/second_step.html", context | forms)


def _begin(_request: HttpRequest, user: User) -> HttpResponse:
    second_step.begin(user=user)
    return redirect("partners:second-step")


def _confirm(request: HttpRequest, user: User) -> HttpResponse:
    form = DigitsForm(request.POST)
    if form.is_valid():
        how: Any = {"language": get_language() or "en", "now": timezone.now()}
        try:
            codes = second_step.confirm(user=user, code=form.cleaned_data["code"], **how)
        except second_step.NotBegun:
            return redirect("partners:second-step")
        except second_step.WrongCode:
            form.add_error("code", WRONG_DIGITS)
        else:
            update_session_auth_hash(request, user)
            return _show_codes(request, codes)
    return _show(request, user, form=form)


def _renew(request: HttpRequest, user: User) -> HttpResponse:
    form = ProofForm(request.POST, prefix="codes")
    if not _is_proven(request, user, form):
        return _show(request, user, codes_form=form)
    how: Any = {"language": get_language() or "en", "now": timezone.now()}
    return _show_codes(request, second_step.renew_codes(user=user, **how))


def _turn_off(request: HttpRequest, user: User) -> HttpResponse:
    form = ProofForm(request.POST, prefix="off")
    if not _is_proven(request, user, form):
        return _show(request, user, off_form=form)
    second_step.turn_off(user=user, language=get_language() or "en", now=timezone.now())
    update_session_auth_hash(request, user)
    messages.success(request, gettext("The second step is off."))
    return redirect("partners:account")


def _is_proven(request: HttpRequest, user: User, form: ProofForm) -> bool:
    if not form.is_valid():
        return False
    answers = form.cleaned_data
    try:
        take(request, user, answers["code"], password=answers["password"])
    except second_step.WrongPassword:
        form.add_error("password", WRONG_PASSWORD)
    except second_step.WrongCode:
        form.add_error("code", WRONG_CODE)
    return not form.errors


def _show_codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    """Shown in the answer itself: once, and kept in no session."""
    return render(request, "partners/portal/recovery_codes.html", {"codes": codes})


WHEN_OFF: dict[str, Callable[[HttpRequest, User], HttpResponse]] = {
    "begin": _begin,
    "confirm": _confirm,
}
WHEN_ON: dict[str, Callable[[HttpRequest, User], HttpResponse]] = {
    "codes": _renew,
    "off": _turn_off,
}
