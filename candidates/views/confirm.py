"""Confirming an address: link scanners open the page, a person presses its button."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from candidates import keys, signup


@csrf_exempt  # the key in the address is the authority: no cookie is read
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    try:
        candidate_id = keys.read(purpose="confirm", token=token)
    except keys.BadToken:
        return render(request, "candidates/confirm.html", {"state": "unknown"}, status=404)
    if request.method == "POST":
        signup.confirm(candidate_id=candidate_id, now=timezone.now())
        return render(request, "candidates/confirm.html", {"state": "done"})
    return render(request, "candidates/confirm.html", {"state": "ask"})
