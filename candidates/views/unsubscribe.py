"""Unsubscribing: a page with a button for people, the same POST for mail programs."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from candidates import keys, privacy


@csrf_exempt  # RFC 8058, 3.1: the POST carries no cookie; the key in the address is the authority
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """The POST answers 200 without a redirect, as RFC 8058 asks."""
    try:
        candidate_id = keys.read(purpose="unsubscribe", token=token)
    except keys.BadToken:
        return render(request, "candidates/unsubscribe.html", {"state": "unknown"}, status=404)
    context = {"sharing_key": keys.make(purpose="sharing", candidate_id=candidate_id)}
    if request.method == "POST":
        privacy.unsubscribe(candidate_id=candidate_id, now=timezone.now())
        return render(request, "candidates/unsubscribe.html", context | {"state": "done"})
    return render(request, "candidates/unsubscribe.html", context | {"state": "ask"})
