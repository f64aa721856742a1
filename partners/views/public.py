"""The totals, for people, for machines and for whoever watches over us."""

from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.http import parse_etags
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from partners import arrivals, courses, drives, feeds, maps, totals
from partners.feeds import Feed
from partners.totals import Totals
from recruit.away import AWAY, honest
from recruit.memory import Made

PAGES_KEPT = "public, max-age=1, stale-while-revalidate=10, stale-if-error=600"

FEED_HEADERS = {
    "Content-Type": "application/json",
    "Cache-Control": PAGES_KEPT,
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag",
    # Or a site that isolates itself (COEP) could not load it.
    "Cross-Origin-Resource-Policy": "cross-origin",
}

# A browser asks first before it lets a script of another site send what it knows already.
PREFLIGHT = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD",
    "Access-Control-Allow-Headers": "If-None-Match",
    "Access-Control-Max-Age": "86400",
}
anyone_may_ask = require_http_methods(["GET", "HEAD", "OPTIONS"])

_pages: Made[Totals, bytes] = Made(most=4)


@arrivals.noticed
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """The big screen, rendered once for each reading of the numbers in each language."""
    now = totals.public(now=timezone.now())
    response = HttpResponse(_pages.get(get_language(), now, lambda: _live(request, now)))
    response["Cache-Control"] = PAGES_KEPT
    return response


def _live(request: HttpRequest, now: Totals) -> bytes:
    map_of = "in_all" if now.phase == "before" else "today"
    tiles = maps.draw({it.state: getattr(it, map_of) for it in now.states})
    caption = _("Hands raised so far, state by state") if map_of == "in_all" else now.day_name
    context = {"totals": now, "map_of": map_of, "tiles": tiles, "caption": caption}
    if course := courses.of(drive=drives.current(now=now.as_of), totals=now):
        marks = [(it, course.place(it.reached_at)) for it in now.milestones]
        context |= {"course": course, "marks": marks}
    return render_to_string("partners/live.html", context, request).encode()


@anyone_may_ask
def totals_json(request: HttpRequest) -> HttpResponse:
    """The same numbers for any program on any site, and 304 for who has them already."""
    return numbers(request, feeds.of(totals=totals.public(now=timezone.now())))


def numbers(request: HttpRequest, feed: Feed) -> HttpResponse:
    if request.method == "OPTIONS":
        return HttpResponse(status=204, headers=PREFLIGHT)
    headers = {**FEED_HEADERS, "ETag": feed.etag}
    # META, since request.headers would parse them all.
    if _knows(request.META.get("HTTP_IF_NONE_MATCH"), feed.etag):
        return HttpResponseNotModified(headers=headers)
    return HttpResponse(feed.body, headers=headers)


def _knows(if_none_match: str | None, etag: str) -> bool:
    """Compare weakly (RFC 9110, 13.1.2): a front cache may have packed the bytes otherwise."""
    if not if_none_match:
        return False
    known = {it.removeprefix("W/") for it in parse_etags(if_none_match)}
    return bool(known & {"*", etag.removeprefix("W/")})


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """200 where the database answers, 503 where it does not: a sign-up needs nothing else."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except AWAY as away:
        return honest(HttpResponse("the database is away\n", content_type="text/plain"), away)
    return HttpResponse("ok\n", content_type="text/plain")
