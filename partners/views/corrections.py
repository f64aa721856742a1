"""What was corrected, for anyone who checks the numbers."""

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from partners import corrections
from partners.corrections import Log
from partners.views.public import PAGES_KEPT
from recruit.memory import Made

LONGEST_KEY = 18  # digits that always fit into 64 bits


MOST_KEPT = 40

_pages: Made[Log, bytes] = Made(most=MOST_KEPT)


@require_safe
def corrections_page(request: HttpRequest) -> HttpResponse:
    """Each page of the log is read and rendered once for each reading of the newest."""
    before = request.GET.get("before", "")
    if before and not (before.isascii() and before.isdecimal() and len(before) <= LONGEST_KEY):
        raise BadRequest("a place in the log that can't be read")
    newest = corrections.newest()

    def made() -> bytes:
        log = corrections.read(before=int(before)) if before else newest
        context = {"log": log, "is_first": not before}
        return render_to_string("partners/corrections.html", context, request).encode()

    response = HttpResponse(_pages.get((get_language(), before), newest, made))
    response["Cache-Control"] = PAGES_KEPT
    return response
