"""/r/<code>: counts the visit, remembers the touch, and sends people on to the form."""

from datetime import datetime
from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from partners import bots, links, touches, visits
from recruit.away import AWAY


@require_safe
def redirect(request: HttpRequest, code: str) -> HttpResponse:
    """Send on, whatever is away. A known code costs no query, an unknown one a query each time.

    What can't be looked up now is not counted as a visit, but kept and resolved at the sign-up.
    """
    now = timezone.now()
    _count(request, code, now)
    response = HttpResponseRedirect(_home(_language(request)))
    response["Cache-Control"] = "private, no-store"
    query = request.GET if request.META.get("QUERY_STRING") else {}
    new = touches.arrival(raw_code=code, query=query, at=now)
    touches.remember(response, touches=touches.read(request), new=new)
    return response


def _count(request: HttpRequest, code: str, now: datetime) -> None:
    try:
        link = links.resolve(raw=code)
    except AWAY:
        return
    if link:
        visits.note(
            visits.Arrival(
                link_id=link.id,
                at=now.timestamp(),
                address=client_address(request),
                user_agent=request.META.get("HTTP_USER_AGENT", ""),
                not_human=bots.why_not_human(method=request.method or "", meta=request.META),
            )
        )


def client_address(request: HttpRequest) -> str:
    """Return the address our own outermost proxy saw: what is left of it anyone can write."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if settings.PROXY_HOPS and len(forwarded) >= settings.PROXY_HOPS:
        return str(forwarded[-settings.PROXY_HOPS]).strip()
    return str(request.META.get("REMOTE_ADDR", ""))


def _language(request: HttpRequest) -> str:
    # META, since request.headers would parse them all: a tenth of this view's time.
    wanted: str = request.META.get("HTTP_ACCEPT_LANGUAGE", "")
    return "es" if wanted[:2].lower() == "es" else "en"


@cache
def _home(language: str) -> str:
    with translation.override(language):
        return reverse("candidates:home")
