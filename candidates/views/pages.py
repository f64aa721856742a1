"""Pages that only tell: thanks, and who sees the answers."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from candidates.views import arrival
from partners import arrivals, totals


@arrivals.noticed
@never_cache
@require_safe
def thanks(request: HttpRequest) -> HttpResponse:
    """Say the same to everyone: a new candidate, a known one, a stranger who tries an address."""
    now = timezone.now()
    link = arrival.of(request, now).link
    path = reverse("machines:redirect", args=[link.code]) if link else reverse("candidates:home")
    context = {"totals": totals.public(now=now), "share_url": settings.BASE_URL + path}
    return render(request, "candidates/thanks.html", context)


@arrivals.noticed
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "candidates/privacy.html")
