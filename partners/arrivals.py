"""Takes note of whoever comes through a partner's link, whichever of our addresses it leads to."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from partners import bots, links, parameters, touches, visits
from partners.links import Link
from recruit import bodies
from recruit.away import AWAY

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def noticed(view: View[P]) -> View[P]:
    """Let a public page be a link's destination by its parameters: `/?ref=code&utm_source=bio`.

    An address without parameters costs nothing, sets no cookie and may be kept by anyone.
    """

    @wraps(view)
    def respond(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        code = parameters.referrer(request.GET) if request.META.get("QUERY_STRING") else ""
        if not code:
            return view(request, *args, **kwargs)
        now = timezone.now()
        if request.method in ("GET", "HEAD"):
            count(request, code=code, now=now)
        # The page already sees the cookie that it is going to set: it names the partner at once.
        cookie = touched(request, code=code, now=now)
        request.COOKIES[settings.TOUCH_COOKIE_NAME] = cookie
        response = view(request, *args, **kwargs)
        remember(response, cookie)
        return response

    return respond


def count(request: HttpRequest, *, code: str, now: datetime) -> Link | None:
    """Count the visit, and return the link; what can't be looked up now is no visit."""
    try:
        link = links.resolve(raw=code)
    except AWAY:
        return None
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
    return link


def touched(request: HttpRequest, *, code: str, now: datetime) -> str:
    """Return the cookie that remembers this touch after those that came before."""
    query = request.GET if request.META.get("QUERY_STRING") else {}
    new = touches.arrival(raw_code=code, query=query, at=now)
    return touches.written(touches=touches.read(request), new=new)


def remember(response: HttpResponse, cookie: str) -> None:
    touches.put(response, cookie)
    response["Cache-Control"] = "private, no-store"


def client_address(request: HttpRequest) -> str:
    return bodies.sender(request.META)
