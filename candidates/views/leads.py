"""The leads of a partner: who agreed to be shared with it, and how many did not."""

from datetime import UTC, datetime, timedelta

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from candidates import finding, sharing
from candidates.forms.leads import LeadsForm
from candidates.models import Consent
from partners import drives
from partners.tenancy import Access
from partners.views.entering import enter, user_of

ON_A_PAGE = 50
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST_MARK = 40


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def leads(request: HttpRequest, slug: str) -> HttpResponse:
    """The POST changes nothing: a name that is looked for must not stand in an address."""
    access = _enter(request, slug)
    form = LeadsForm(request.POST)
    wanted = form.cleaned_data if form.is_valid() else {}
    after = _place(request.POST.get("after", ""))
    rows = finding.shared(
        rows=sharing.leads(partner=access.partner, after=after),
        name=wanted.get("name", ""),
        stage=wanted.get("stage", ""),
        state=wanted.get("state", ""),
        office=wanted.get("office", ""),
    )
    found = list(rows[: ON_A_PAGE + 1])
    context = {
        "access": access,
        "partner": access.partner,
        "form": form,
        "is_narrowed": any(wanted.values()),
        "is_later_page": after is not None,
        "leads": found[:ON_A_PAGE],
        "older": _mark(found[ON_A_PAGE - 1]) if len(found) > ON_A_PAGE else "",
        "people": sharing.count(partner=access.partner),
        "zone": drives.current(now=timezone.now()).zone,
        "smallest": sharing.SMALLEST_SHOWN,
    }
    return render(request, "candidates/portal/leads.html", context)


def _enter(request: HttpRequest, slug: str) -> Access:
    """Staff who look see no more people here than the admin would show them."""
    access = enter(request, slug)
    if access.is_look and not user_of(request).has_perm("candidates.view_candidate"):
        raise PermissionDenied
    return access


def _mark(last: Consent) -> str:
    """Write the place where the next page begins, to the microsecond."""
    given_at, consent_id = sharing.place_of(last)
    return f"{(given_at - EPOCH) // timedelta(microseconds=1)}.{consent_id}"


def _place(mark: str) -> sharing.Place | None:
    """Read a place; what nobody can have got from us begins at the newest."""
    micros, _dot, consent_id = mark.partition(".")
    if len(mark) > LONGEST_MARK or not (micros + consent_id).isascii():
        return None
    try:
        return EPOCH + timedelta(microseconds=int(micros)), min(int(consent_id), 2**63 - 1)
    except (ValueError, OverflowError):
        return None
