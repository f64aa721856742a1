"""The count as a picture: a badge for any site, and a poster for the previews of shared links."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from partners import archive, badges, links, pictures, totals
from partners.totals import Totals

BADGE_KEPT = "public, max-age=10, stale-while-revalidate=60, stale-if-error=600"
PICTURE_KEPT = "public, max-age=60, stale-while-revalidate=600, stale-if-error=600"
FOR_ANY_SITE = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}


@require_safe
def badge(request: HttpRequest, code: str = "", name: str = "") -> HttpResponse:
    """Draw the count of a drive; a code that no partner has gets the badge of nobody."""
    found = _totals(name)
    if not found:
        return _no_such_drive()
    svg = badges.draw(totals=found, partner=_partner(code), language=_language(request))
    headers = {"Cache-Control": BADGE_KEPT, "Content-Security-Policy": badges.POLICY}
    return HttpResponse(svg, content_type="image/svg+xml", headers=headers | FOR_ANY_SITE)


@require_safe
def picture(request: HttpRequest, code: str = "", name: str = "") -> HttpResponse:
    found = _totals(name)
    if not found:
        return _no_such_drive()
    png = pictures.draw(totals=found, partner=_partner(code), language=_language(request))
    headers = {"Cache-Control": PICTURE_KEPT}
    return HttpResponse(png, content_type="image/png", headers=headers | FOR_ANY_SITE)


def _totals(name: str) -> Totals | None:
    now = timezone.now()
    if not name:
        return totals.public(now=now)
    detail = archive.detail(slug=name, now=now)
    return detail.totals if detail else None


def _partner(code: str) -> str:
    link = links.resolve(raw=code) if code else None
    return link.partner_name if link else ""


def _language(request: HttpRequest) -> str:
    return "es" if request.GET.get("lang") == "es" else "en"


def _no_such_drive() -> HttpResponse:
    return HttpResponse("There is no drive of this name.\n", "text/plain", 404)
