"""/r/<code>: counts the visit, remembers the touch, and sends people on to a page of ours."""

from functools import cache

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from partners import arrivals
from partners.models.links import ReferralLink

FORM = ReferralLink.Destination.FORM.value
# The only places a link can lead to, and their language where it is not the visitor's own.
PAGES = {
    FORM: ("candidates:home", None),
    ReferralLink.Destination.FORM_EN.value: ("candidates:home", "en"),
    ReferralLink.Destination.FORM_ES.value: ("candidates:home", "es"),
    ReferralLink.Destination.LIVE.value: ("partners:live", None),
}


@require_safe
def redirect(request: HttpRequest, code: str) -> HttpResponse:
    """Send on, whatever is away. A known code costs no query, an unknown one at most one.

    What can't be looked up now is not counted as a visit, but kept and resolved at the sign-up.
    """
    now = timezone.now()
    link = arrivals.count(request, code=code, now=now)
    destination = link.destination if link else FORM
    response = HttpResponseRedirect(_address(destination, _language(request)))
    arrivals.remember(response, arrivals.touched(request, code=code, now=now))
    return response


def _language(request: HttpRequest) -> str:
    # META, since request.headers would parse them all: a tenth of this view's time.
    wanted: str = request.META.get("HTTP_ACCEPT_LANGUAGE", "")
    return "es" if wanted[:2].lower() == "es" else "en"


@cache
def _address(destination: str, visitors: str) -> str:
    page, language = PAGES[destination]
    with translation.override(language or visitors):
        return reverse(page)
