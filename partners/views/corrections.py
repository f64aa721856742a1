"""What was corrected, for anyone who checks the numbers."""

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from partners import corrections
from partners.corrections import Log
from partners.views.public import PAGES_KEPT
from recruit.memory import Made

LONGEST_KEY = 18  # digits that always fit into 64 bits
MOST_KEPT = 400  # of 40 kB each

_pages: Made[Log, bytes] = Made(most=MOST_KEPT)


@require_safe
def corrections_page(request: HttpRequest) -> HttpResponse:
    """Each page of the log is read and rendered once for each reading of the newest.

    What begins between two pages is sent to one of them: nobody gets a page of their own.
    """
    asked = request.GET.get("before", "")
    before = _border(asked)
    place = "" if before is None else str(before)
    if asked != place:
        page = reverse("partners:corrections")
        return HttpResponseRedirect(f"{page}?before={place}" if place else page)
    source = corrections.newest() if before is None else corrections.reading()

    def made() -> bytes:
        log = source if before is None else corrections.read(before=before)
        context = {"log": log, "is_first": before is None}
        return render_to_string("partners/corrections.html", context, request).encode()

    response = HttpResponse(_pages.get((get_language(), before), source, made))
    response["Cache-Control"] = PAGES_KEPT
    return response


def _border(asked: str) -> int | None:
    if not asked:
        return None
    if not (asked.isascii() and asked.isdecimal() and len(asked) <= LONGEST_KEY):
        raise BadRequest("a place in the log that can't be read")
    return corrections.border(near=int(asked))
