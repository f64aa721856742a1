"""What was corrected, for anyone who checks the numbers."""

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from partners import corrections

LONGEST_KEY = 18  # digits that always fit into 64 bits


@require_safe
def corrections_page(request: HttpRequest) -> HttpResponse:
    before = request.GET.get("before", "")
    if before and not (before.isascii() and before.isdecimal() and len(before) <= LONGEST_KEY):
        raise BadRequest("a place in the log that can't be read")
    log = corrections.read(before=int(before)) if before else corrections.newest()
    return render(request, "partners/corrections.html", {"log": log, "is_first": not before})
