"""The page on which staff recompute a drive's credit: a look first, then exactly what was seen."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from candidates import crediting
from candidates.admin.forms import ApplyForm, RecomputeForm
from partners import drives
from partners.models import Drive, User

Shown = dict[str, Any]


class RecomputingMixin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Asks for a model, shows what it would change, and writes that when told to."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.recompute_view)
        return [
            path("recompute/", view, name="candidates_candidate_recompute"),
            *super().get_urls(),
        ]

    def recompute_view(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if not isinstance(user, User) or not user.has_perm("partners.recompute_credit"):
            raise PermissionDenied
        shown = _applied(request, user) if request.method == "POST" else _asked(request)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Recompute credit"),
            "most": crediting.MOST_ON_A_PAGE,
            **shown,
        }
        return TemplateResponse(request, "admin/candidates/credit/recompute.html", context)


def _asked(request: HttpRequest) -> Shown:
    if "drive" not in request.GET:
        return {"form": RecomputeForm(initial=_now_in_use())}
    return _looked(RecomputeForm(request.GET), ApplyForm())


def _now_in_use() -> dict[str, Any]:
    try:
        drive = drives.current(now=timezone.now())
    except Drive.DoesNotExist:
        return {}
    return {"drive": drive, "attribution": drive.attribution, "window_days": drive.window_days}


def _looked(form: RecomputeForm, asks: ApplyForm) -> Shown:
    """Show what would change now, and ask whether it shall."""
    shown: Shown = {"form": form, "asks": asks}
    if form.is_valid():
        it = form.cleaned_data
        model = (it["drive"], it["attribution"], it["window_days"])
        shown["question"] = question = crediting.Question(*model, until=timezone.now())
        shown["is_too_large"] = crediting.is_too_large(drive=question.drive)
        if not shown["is_too_large"]:
            shown |= _difference(question, crediting.dry_run(question=question), written=False)
    return shown


def _difference(
    question: crediting.Question, outcome: crediting.Outcome, *, written: bool
) -> Shown:
    drive, deltas = question.drive, outcome.deltas
    rows = crediting.differences(drive=drive, deltas=deltas, written=written)
    return {"question": question, "outcome": outcome, "rows": rows, "is_written": written}


def _applied(request: HttpRequest, user: User) -> Shown:
    asks, form = ApplyForm(request.POST), RecomputeForm(request.POST)
    if not asks.is_valid() or crediting.is_too_large(drive=asks.cleaned_data["drive"]):
        return _looked(form, asks)
    it = asks.cleaned_data
    model = (it["drive"], it["attribution"], it["window_days"])
    question = crediting.Question(*model, until=it["until"], why=it["why"])
    try:
        outcome = crediting.apply_seen(
            question=question, digest=it["digest"], author=user, now=timezone.now()
        )
    except crediting.LedgerMoved:
        messages.warning(
            request, _("The ledger moved since you looked: nothing is written. Look again.")
        )
        return _looked(form, asks)
    messages.success(request, _("Written. The ledger has the new lines."))
    return {"form": form, **_difference(question, outcome, written=True)}
