"""The sign-up sheet, as the home page and the embedded page both show it and take it."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from crispy_forms.utils import render_crispy_form
from django.conf import settings
from django.forms import RadioSelect, Textarea
from django.http import HttpRequest
from django.utils.html import escape
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from candidates import disguises, signup
from candidates.consent import Agreement
from candidates.forms.signup import SignUpForm
from candidates.forms.wording import contact_wording, share_wording
from candidates.models import Consent
from candidates.views.arrival import Arrival
from partners import devices
from partners.arrivals import client_address
from partners.links import Link

ENOUGH = _(
    "We have written to this mailbox under other names today. Enter its plain address, without what"
    " stands between + and @, or come back tomorrow."
)


def form(link: Link | None, *data: Any, **options: Any) -> SignUpForm:
    if link:
        options |= {"partner_name": link.partner_name, "partner_id": link.partner_id}
    return SignUpForm(*data, **options)


def html(form: SignUpForm) -> str:
    return str(render_crispy_form(form))


@lru_cache(maxsize=1024)
def blank(_language: str, link: Link | None, **options: Any) -> str:
    """Crispy takes milliseconds for a form that is the same for everyone."""
    return html(form(link, **options))


def filled_in(page: bytes, known: Mapping[str, str]) -> bytes:
    """Put answers into a page with the blank form, to the byte as the form would have shown them.

    Each place is found by its quotes or brackets, which no escaped answer has: so nothing that
    was put in is ever taken for a place. (Crispy would squeeze a text of spaces and new lines.)
    """
    for name, value in known.items():
        if value:
            place, filled = _place(name, escape(value))
            page = page.replace(place.encode(), filled.encode())
    return page


def _place(name: str, value: str) -> tuple[str, str]:
    """Return what the blank form has at this field, and what it has there with this answer."""
    widget = SignUpForm.base_fields[name].widget
    if isinstance(widget, Textarea):
        return "</textarea>", f"{value}</textarea>"
    if isinstance(widget, RadioSelect):  # no choice of ours is no place
        choice = f'name="{name}" value="{value}"'
        return choice, f"{choice} checked"
    return f'name="{name}"', f'name="{name}" value="{value}"'


def is_good(form: SignUpForm) -> bool:
    """Check what was typed, and that its mailbox is not being filled by a stranger."""
    if form.is_valid() and disguises.is_one_too_many(email=form.cleaned_data["email"]):
        form.add_error("email", ENOUGH)
    return form.is_valid()


def take(request: HttpRequest, form: SignUpForm, came: Arrival, now: datetime) -> None:
    """Sign up whoever filled in this valid form. Raises what recruit.away calls AWAY."""
    signup.sign_up(
        answers=_answers(form.cleaned_data),
        agreements=_agreements(request, form.cleaned_data, came.link),
        touches=came.touches,
        address=client_address(request),
        device_of=devices.partners_of(request),
        now=now,
    )


def _answers(given: dict[str, Any]) -> signup.Answers:
    asked = signup.Answers.__dataclass_fields__.keys() & given.keys()
    return signup.Answers(language=get_language(), **{name: given[name] for name in asked})


def _agreements(request: HttpRequest, given: dict[str, Any], link: Link | None) -> list[Agreement]:
    us = settings.ORGANISATION
    agreements = [Agreement(Consent.Purpose.CONTACT, contact_wording(us))]
    # The box carries the partner it named: in another tab, another link may have come since.
    if (
        link
        and given["share_consent"]
        and request.POST["share_consent"] in ("on", str(link.partner_id))
    ):
        wording = share_wording(us, link.partner_name)
        agreements.append(Agreement(Consent.Purpose.SHARE, wording, link.partner_id))
    return agreements
