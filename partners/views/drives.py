"""The archive of drives, and a page for each: rendered once for each reading of the numbers."""

from typing import Any

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from partners import archive, arrivals, charts, feeds, maps
from partners.archive import Detail, Record
from partners.views.public import PAGES_KEPT, anyone_may_ask, numbers
from recruit.memory import Made

LONGEST_PAGE = 4  # digits

_lists: Made[dict[str, Record], bytes] = Made(most=20)
_pages: Made[Detail, bytes] = Made(most=2 * archive.MOST_DRIVES)


@arrivals.noticed
@require_safe
def drives(request: HttpRequest) -> HttpResponse:
    now, page = timezone.now(), _page(request)
    last = archive.pages(now=now)
    if not 1 <= page <= last:
        raise Http404
    found = archive.records(now=now, page=page)
    context = {
        "records": found.values(),
        "newer": page - 1,
        "older": page + 1 if page < last else None,
    }
    key = get_language(), page
    list_page = _lists.get(key, found, lambda: _rendered(request, "partners/drives.html", context))
    return _kept(list_page)


def _page(request: HttpRequest) -> int:
    page = request.GET.get("page", "1")
    if not (page.isascii() and page.isdecimal() and len(page) <= LONGEST_PAGE):
        raise BadRequest("a page of the archive that can't be read")
    return int(page)


@arrivals.noticed
@require_safe
def drive(request: HttpRequest, name: str) -> HttpResponse:
    detail = _found(name)
    page = _pages.get((name, get_language()), detail, lambda: _drive(request, detail))
    return _kept(page)


@anyone_may_ask
def totals_json(request: HttpRequest, name: str) -> HttpResponse:
    """The numbers of one drive for programs; of one that is not there, in their language."""
    detail = archive.detail(slug=name, now=timezone.now())
    if not detail:
        body = '{"detail": "There is no drive of this name."}'
        return HttpResponse(body, status=404, content_type="application/json")
    return numbers(request, feeds.of(totals=detail.totals))


def _found(slug: str) -> Detail:
    if found := archive.detail(slug=slug, now=timezone.now()):
        return found
    raise Http404


def _drive(request: HttpRequest, detail: Detail) -> bytes:
    bars = charts.bars([value for _at, value in detail.steps])
    context = {
        "detail": detail,
        "record": detail.record,
        "drive": detail.record.drive,
        "totals": detail.totals,
        "steps": list(zip(detail.steps, bars, strict=True)),
        "most": max(detail.steps, key=lambda step: step[1], default=None),
        "tiles": maps.draw({it.state: it.today for it in detail.totals.states}),
        "milestones": [
            (it, it.target <= _counted(detail, it.scope)) for it in detail.record.milestones
        ],
    }
    return _rendered(request, "partners/drive.html", context)


def _counted(detail: Detail, scope: str) -> int:
    return detail.record.settled if scope == "day" else detail.totals.cumulative


def _rendered(request: HttpRequest, template: str, context: dict[str, Any]) -> bytes:
    return render_to_string(template, context, request).encode()


def _kept(page: bytes) -> HttpResponse:
    return HttpResponse(page, headers={"Cache-Control": PAGES_KEPT})
