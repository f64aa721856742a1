"""The doors in: an invitation to a person, and the form for an organisation."""

from functools import lru_cache

from crispy_forms.utils import render_crispy_form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from partners import applications, devices, joining, throttling
from partners.applications import Answers
from partners.forms import PartnerForm
from partners.models import Invitation, User
from partners.password_forms import JoinForm
from partners.views.letting_in import let_in
from partners.views.throttling import count


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, key: str) -> HttpResponse:
    """Show what accepting means; only the button accepts."""
    if request.method == "POST":
        count(request, door="join", limit=throttling.JOIN, account=key)
    try:
        invitation = joining.find(key=key, now=timezone.now())
        if account := joining.account_of(invitation=invitation):
            return _join_as(request, invitation, key, account)
        return _join_as_new(request, invitation, key)
    except joining.NoInvitation:
        return render(request, "partners/joining_gone.html", status=404)
    except joining.AccountExists:  # made in another tab, a moment ago
        return redirect("partners:join", key)


def _join_as(request: HttpRequest, invitation: Invitation, key: str, account: User) -> HttpResponse:
    """Whoever has an account logs in with all that it asks for, and comes back to the button."""
    is_they = request.user == account
    if request.method == "POST" and is_they:
        joining.accept(key=key, user=account, now=timezone.now())
        response = redirect("partners:partner-dashboard", invitation.partner.slug)
        devices.remember(request, response, partner_ids=[invitation.partner_id])
        return response
    state = "accept" if is_they else "other" if request.user.is_authenticated else "log-in"
    return _page(request, invitation, state=state)


def _join_as_new(request: HttpRequest, invitation: Invitation, key: str) -> HttpResponse:
    form = JoinForm(request.POST or None, email=invitation.email)
    if not form.is_valid():
        return _page(request, invitation, state="new", form=form)
    answers = form.cleaned_data
    account = joining.NewAccount(answers["full_name"], answers["password1"])
    user = joining.accept_as_new(key=key, account=account, now=timezone.now())
    to = reverse("partners:partner-dashboard", args=[invitation.partner.slug])
    return let_in(request, user, to=to)


def _page(
    request: HttpRequest, invitation: Invitation, *, state: str, form: JoinForm | None = None
) -> HttpResponse:
    context = {"invitation": invitation, "state": state, "form": form}
    status = 422 if form and form.errors else 200
    return render(request, "partners/joining.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def partner_with_us(request: HttpRequest) -> HttpResponse:
    form = PartnerForm(request.POST or None)
    if request.method == "POST":
        email = request.POST.get("contact_email", "")
        count(request, door="apply", limit=throttling.APPLY, account=email)
        if form.is_valid():
            _apply(form)
            return redirect("partners:partner-with-us-thanks")
    form_html = _html(form) if form.is_bound else _blank(get_language())
    context, status = {"form_html": form_html}, 422 if form.errors else 200
    return render(request, "partners/joining_form.html", context, status=status)


@lru_cache
def _blank(_language: str) -> str:
    """Crispy takes milliseconds for a form that is the same for everyone."""
    return _html(PartnerForm())


def _html(form: PartnerForm) -> str:
    return str(render_crispy_form(form))


def _apply(form: PartnerForm) -> None:
    answers = dict(form.cleaned_data)
    del answers["agreement"]
    applications.apply(
        answers=Answers(**answers),
        agreed_wording=applications.agreement(),
        language=get_language() or "en",
        now=timezone.now(),
    )


@require_safe
def thanks(request: HttpRequest) -> HttpResponse:
    return render(request, "partners/joining_thanks.html")
