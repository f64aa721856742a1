"""Loses no word of whoever sends a form when their session has ended, or was renewed elsewhere."""

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.views.csrf import csrf_failure as refuse
from django.views.decorators.debug import sensitive_post_parameters

from partners import keeping
from partners.forms import LogInForm

FIELD = "kept"


def kept_by(request: HttpRequest) -> str:
    """Return what a page of the log-in was given to carry, or what was sent just now; else ""."""
    if FIELD in request.POST:
        return request.POST[FIELD]
    if request.method != "POST" or request.FILES or not _is_page(request):
        return ""
    fields = [(name, value) for name, values in request.POST.lists() for value in values]
    return keeping.pack(path=request.get_full_path(), fields=fields)


def ask_again(request: HttpRequest, kept: str) -> HttpResponse:
    """Ask for the log-in in place, and carry on afterwards with what was sent."""
    context = {"form": LogInForm(request), "kept": kept, "next": ""}
    response = render(request, "registration/login.html", context)
    add_never_cache_headers(response)
    return response


def carry_on(request: HttpRequest, line: str, *, status: int = 200) -> HttpResponse | None:
    """Show what was kept, with a button that sends it as it was; None where nothing was."""
    kept = keeping.unpack(line=line) if line else None
    if kept is None:
        return None
    response = render(request, "registration/kept.html", {"kept": kept}, status=status)
    add_never_cache_headers(response)
    return response


@sensitive_post_parameters()
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Offer whoever logged in anew in another tab to send it once more.

    Only where the browser says that a page of ours sent it: then the token is old, not forged.
    """
    is_ours = _is_from_here(request) and request.user.is_authenticated
    kept = kept_by(request) if is_ours else ""
    return carry_on(request, kept, status=403) or refuse(request, reason=reason)


def _is_page(request: HttpRequest) -> bool:
    """Whether somebody will look at the answer: no script asked for it."""
    return request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"


def _is_from_here(request: HttpRequest) -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return urlsplit(request.headers.get("Origin", "")).netloc == request.get_host()
