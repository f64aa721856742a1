"""The form: from memory, taken by one call, or shown again with what to mend."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from candidates.forms.signup import SignUpForm
from candidates.views import arrival, sheet
from partners import arrivals, totals
from partners.links import Link
from partners.totals import Totals
from recruit.away import AWAY, honest
from recruit.memory import Made

MOST_KEPT = 400

_pages: Made[Totals | None, bytes] = Made(most=MOST_KEPT)


@arrivals.noticed
@csrf_exempt  # nobody is logged in here: a forged sign-up needs no one else's browser
@require_http_methods(["GET", "HEAD", "POST"])
def home(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return _take(request)
    return _shown(request)


def _shown(request: HttpRequest) -> HttpResponse:
    """Answer from memory: rendered once for each reading of the totals, each partner's as well.

    Whoever sent the link may fill in answers: never a consent, nor the bait.
    """
    link = arrival.of(request, timezone.now()).link
    known = {name: request.GET[name] for name in SignUpForm.PREFILLED if name in request.GET}
    response = HttpResponse(sheet.filled_in(_kept_page(request, link), known))
    response["Cache-Control"] = _how_long(link, known)
    patch_vary_headers(response, ["Cookie"])
    return response


def _how_long(link: Link | None, known: Mapping[str, str]) -> str:
    if known:
        return "private, no-store"
    return "private, no-cache" if link else "public, max-age=1"


def _kept_page(request: HttpRequest, link: Link | None) -> bytes:
    key, now = (get_language(), link.partner_name if link else ""), _totals()

    def made() -> bytes:
        return _page(request, now, form_html=sheet.blank(get_language(), link), link=link).encode()

    return _pages.get(key, now, made)


def _take(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    came = arrival.of(request, now)
    form = sheet.form(came.link, request.POST)
    if not sheet.is_good(form):
        return _again(request, form)
    try:
        sheet.take(request, form, came, now)
    except AWAY as away:
        return honest(_again(request, form, unsaved=True), away)
    return HttpResponseRedirect(reverse("candidates:thanks"))


def _again(request: HttpRequest, form: SignUpForm, *, unsaved: bool = False) -> HttpResponse:
    """Show what was typed, and what to do about it."""
    context = {"form_html": sheet.html(form), "has_errors": True, "unsaved": unsaved}
    page = _page(request, _totals(), **context)
    return HttpResponse(page, status=422, headers={"Cache-Control": "private, no-store"})


def _page(request: HttpRequest, now: Totals | None, **context: Any) -> str:
    return render_to_string("candidates/home.html", context | {"totals": now}, request)


def _totals() -> Totals | None:
    try:
        return totals.public(now=timezone.now())
    except AWAY:
        return None
