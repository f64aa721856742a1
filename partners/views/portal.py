"""The pages of one partner: its numbers, its links, and the codes for its posters."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from partners import charts, dashboard, drives, links, qr, tenancy
from partners.dashboard import Dashboard, funnel
from partners.models import ReferralLink
from partners.views.entering import enter, user_of

SECONDS_ON_THE_DAY, SECONDS_OTHERWISE = 4, 30


@never_cache
@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Go to the one partner there is to see, or let people choose."""
    user = user_of(request)
    own = tenancy.own_partners(user=user)
    if len(own) == 1:
        return redirect("partners:partner-dashboard", own[0].slug)
    partners = own or tenancy.visible_partners(user=user)
    return render(request, "partners/portal/partners.html", {"partners": partners})


@never_cache
@login_required
@require_safe
def partner_dashboard(request: HttpRequest, slug: str) -> HttpResponse:
    now = timezone.now()
    access = enter(request, slug)
    numbers = dashboard.read(partner=access.partner, drive=drives.current(now=now), now=now)
    context = {"access": access, "partner": access.partner, "numbers": numbers}
    return render(request, "partners/portal/dashboard.html", context | _charts(numbers))


def _charts(numbers: Dashboard) -> dict[str, Any]:
    hours = charts.bars([hour.counts.sign_ups for hour in numbers.hours])
    days = charts.bars([day.counts.sign_ups for day in numbers.days])
    return {
        "hours": list(zip(numbers.hours, hours, strict=True)),
        "days": list(zip(numbers.days, days, strict=True)),
        "visits_line": charts.line(numbers.visits.by_day),
        "sign_ups_line": charts.line(numbers.sign_ups.by_day),
        "confirmed_line": charts.line(numbers.confirmed.by_day),
        "goal_line": charts.line(numbers.running),
        "funnel": funnel.read(counts=numbers.total),
        "refresh_seconds": SECONDS_ON_THE_DAY if numbers.is_the_day else SECONDS_OTHERWISE,
    }


@login_required
@require_safe
def link_qr(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    drawn = qr.svg(address=_shared_address(request, slug, code))
    return HttpResponse(drawn, content_type="image/svg+xml", headers={"Cache-Control": "private"})


@login_required
@require_safe
def link_qr_png(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """The same code in pixels, for the programs that posters are made with."""
    drawn = qr.png(address=_shared_address(request, slug, code))
    response = HttpResponse(drawn, content_type="image/png", headers={"Cache-Control": "private"})
    response["Content-Disposition"] = f'attachment; filename="{slugify(code)}.png"'
    return response


def _shared_address(request: HttpRequest, slug: str, code: str) -> str:
    partner = enter(request, slug).partner
    link = get_object_or_404(ReferralLink, partner=partner, code=code)
    return links.address_of(code=link.code)
