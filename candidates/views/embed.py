"""The sign-up form inside a page of a partner: no cookie, the link is in the address."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from candidates.forms.signup import SignUpForm
from candidates.views import sheet
from candidates.views.arrival import Arrival
from partners import arrivals, embedding, touches
from partners.links import Link
from partners.views.framing import framed
from recruit.away import AWAY, honest
from recruit.memory import Made

SUB_SOURCE = "embed"
MOST_KEPT = 400

_pages: Made[None, bytes] = Made(most=MOST_KEPT)


@csrf_exempt  # nobody is logged in here, and a frame of another site gets no cookie of ours
@require_http_methods(["GET", "HEAD", "POST"])
@framed
def embed(request: HttpRequest, code: str, link: Link | None) -> HttpResponse:
    """Show the form, or take it: credited to the link of the address, whatever a cookie says."""
    now = timezone.now()
    if request.method == "POST":
        return _take(request, code, link, now)
    if embedding.PREVIEW not in request.GET:
        _count(request, code, now)
    response = HttpResponse(_kept_page(request, code, link))
    response["Cache-Control"] = "private, no-cache"  # or its visits would not reach us
    return response


def _kept_page(request: HttpRequest, code: str, link: Link | None) -> bytes:
    """Answer from memory: nothing else makes a difference to the blank page."""
    key = get_language(), code, link, embedding.framers(request, link)

    def made() -> bytes:
        return _shown(request, link, sheet.blank(get_language(), link, action="")).content

    return _pages.get(key, None, made)


def _count(request: HttpRequest, code: str, now: datetime) -> None:
    """A frame is where this page belongs: who arrives there is a visitor as any other.

    embed.js has the frame loaded when it comes near the screen, so a form far down a page that
    nobody scrolls to counts nobody.
    """
    if request.META.get("HTTP_SEC_FETCH_DEST") == "iframe":
        request.META["HTTP_SEC_FETCH_DEST"] = "document"
    arrivals.count(request, code=code, now=now)


def _take(request: HttpRequest, code: str, link: Link | None, now: datetime) -> HttpResponse:
    form = sheet.form(link, request.POST, action="")
    touch = touches.arrival(raw_code=code, query={"source": SUB_SOURCE}, at=now)
    if not sheet.is_good(form):
        return _again(request, link, form)
    try:
        sheet.take(request, form, Arrival((touch,), link), now)
    except AWAY as away:
        return honest(_again(request, link, form, unsaved=True), away)
    return HttpResponseRedirect(reverse("candidates:embed-thanks", args=[code]))


def _again(
    request: HttpRequest, link: Link | None, form: SignUpForm, *, unsaved: bool = False
) -> HttpResponse:
    """Show what was typed, and what to do about it."""
    response = _shown(request, link, sheet.html(form), has_errors=True, unsaved=unsaved)
    response.status_code = 422
    response["Cache-Control"] = "private, no-store"
    return response


def _shown(
    request: HttpRequest, link: Link | None, form_html: str, **context: object
) -> HttpResponse:
    context |= {"link": link, "form_html": form_html, "origins": embedding.framers(request, link)}
    return render(request, "candidates/embed.html", context)


@require_safe
@framed
def thanks(request: HttpRequest, code: str, link: Link | None) -> HttpResponse:  # noqa: ARG001 - the code is of the address
    """Say the same to everyone, as the other thank-you page does."""
    context = {"link": link, "origins": embedding.framers(request, link)}
    response = render(request, "candidates/embed_thanks.html", context)
    response["Cache-Control"] = "private, no-store"
    return response
