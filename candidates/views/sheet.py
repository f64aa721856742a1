"""The sign-up sheet, as the home page and the embedded page both show it and take it."""

from datetime import datetime
from functools import lru_cache
from typing import Any

from crispy_forms.utils import render_crispy_form
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language

from candidates import signup
from candidates.consent import Agreement
from candidates.forms.signup import SignUpForm
from candidates.forms.wording import contact_wording, share_wording
from candidates.models import Consent
from candidates.views.arrival import Arrival
from partners import devices
from partners.arrivals import client_address
from partners.links import Link


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
