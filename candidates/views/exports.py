"""The files of a partner: asking for one, watching it being made, taking it away."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from candidates import exporting
from candidates.models import LeadExport
from partners import drives
from partners import exports as files
from partners.models import NumbersExport, Partner, User
from partners.models.exports import Export
from partners.tenancy import Access
from partners.views.entering import enter, user_of

MOST_SHOWN = 20
MODELS: dict[str, type[NumbersExport] | type[LeadExport]] = {
    "leads": LeadExport,
    "numbers": NumbersExport,
}


@dataclass(frozen=True, slots=True)
class File:
    """One line of the page."""

    kind: str
    export: Export
    standing: str

    @property
    def percent(self) -> int:
        return 100 * self.export.done // self.export.total if self.export.total else 0


@never_cache
@login_required
@require_safe
def exports(request: HttpRequest, slug: str) -> HttpResponse:
    access, now = enter(request, slug), timezone.now()
    shown = _files(access.partner, now)
    context = {
        "access": access,
        "partner": access.partner,
        "files": shown,
        "is_unfinished": any(it.standing in ("waiting", "making") for it in shown),
        "zone": drives.current(now=now).zone,
        "days": files.LIFE.days,
    }
    return render(request, "candidates/portal/exports.html", context)


def _files(partner: Partner, now: datetime) -> list[File]:
    found = [
        File(kind, export, files.standing(export=export, now=now).value)
        for kind, model in MODELS.items()
        for export in files.listed(model=model, partner=partner, most=MOST_SHOWN)
    ]
    return sorted(found, key=lambda it: it.export.requested_at, reverse=True)[:MOST_SHOWN]


@login_required
@require_POST
def ask(request: HttpRequest, slug: str) -> HttpResponse:
    access, member = _as_member(request, slug)
    model = MODELS.get(request.POST.get("kind", ""))
    if model is None:
        raise Http404
    try:
        files.ask(
            model=model,
            partner=access.partner,
            author=member,
            language=get_language() or "en",
            now=timezone.now(),
        )
    except files.TooMany:
        words = gettext(
            "You have asked for %(count)s of these files within a day: use one of them."
        )
        messages.error(request, words % {"count": files.MOST_A_DAY})
    return redirect("candidates:exports", slug)


@login_required
@require_POST
def download(
    request: HttpRequest, slug: str, kind: str, export_id: UUID
) -> StreamingHttpResponse | HttpResponse:
    """A POST, because taking a file away is noted; and no address opens it for somebody else."""
    access, member = _as_member(request, slug)
    now = timezone.now()
    parts = _parts(kind, access.partner, export_id, member, now)
    if parts is None:
        return _say_why(request, access.partner, kind, export_id, now)
    name = f"{access.partner.slug}-{kind}-{now:%Y-%m-%d}.csv"
    return StreamingHttpResponse(
        parts,
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "private, no-store",
        },
    )


def _parts(
    kind: str, partner: Partner, export_id: UUID, member: User, now: datetime
) -> Iterator[bytes] | None:
    if kind == "leads":
        leads = exporting.fetch(partner=partner, export_id=export_id, user=member, now=now)
        return exporting.download(export=leads) if leads else None
    if kind == "numbers":
        numbers = files.fetch(model=NumbersExport, partner=partner, export_id=export_id, now=now)
        return files.whole(export=numbers) if numbers else None
    return None


def _say_why(
    request: HttpRequest, partner: Partner, kind: str, export_id: UUID, now: datetime
) -> HttpResponse:
    """Tell whoever comes too late; what is not theirs and what never was is the same 404."""
    model = MODELS.get(kind)
    if model is None or not files.has_expired(
        model=model, partner=partner, export_id=export_id, now=now
    ):
        raise Http404
    words = gettext("This file has expired: it was here for %(count)s days. Ask for a new one.")
    messages.error(request, words % {"count": files.LIFE.days})
    return redirect("candidates:exports", partner.slug)


def _as_member(request: HttpRequest, slug: str) -> tuple[Access, User]:
    """Viewers and managers may; RFS staff who look have the admin, where their work is logged."""
    access = enter(request, slug)
    if access.is_look:
        raise PermissionDenied
    return access, user_of(request)
