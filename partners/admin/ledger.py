"""The ledger and its totals: read by staff, written by the software alone."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partners import drives
from partners.admin.readonly import ReadOnlyAdmin
from partners.models import Correction, Credit, Drive, Partner, Tally
from partners.models.drives import YEARS

LONGEST_KEY = 18  # digits that always fit into 64 bits


class PartnerFilter(admin.SimpleListFilter):
    """One partner's lines, found by the index on links."""

    title = _("partner")
    parameter_name = "of"
    template = "admin/candidates/candidate/filter_folded.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [
            (str(pk), name)
            for pk, name in Partner.objects.order_by("name").values_list("pk", "name")
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Credit]) -> QuerySet[Credit]:
        choice = self.value()
        if not choice:
            return queryset
        if not choice.isdecimal() or len(choice) > LONGEST_KEY:
            return queryset.none()
        return queryset.filter(link__partner=int(choice))


class LinkFilter(admin.SimpleListFilter):
    """The links of the partner that is chosen."""

    title = _("link")
    parameter_name = "link"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        chosen = request.GET.get(PartnerFilter.parameter_name, "")
        partner = (
            Partner.objects.filter(pk=chosen).first()
            if chosen.isdecimal() and len(chosen) <= LONGEST_KEY
            else None
        )
        return (
            [(str(it.pk), str(it)) for it in partner.links.order_by("label", "pk")]
            if partner
            else []
        )

    def queryset(self, request: HttpRequest, queryset: QuerySet[Credit]) -> QuerySet[Credit]:
        choice = self.value() or ""
        return queryset.filter(link=int(choice)) if choice.isdecimal() else queryset


class DriveFilter(admin.SimpleListFilter):
    """One drive's part of the lines of the partner that is chosen: no index leads to a drive."""

    title = _("drive")
    parameter_name = "drive"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        if PartnerFilter.parameter_name not in request.GET:
            return []
        found = Drive.objects.order_by("-opens_at", "-id")
        return [(str(pk), name) for pk, name in found.values_list("pk", "name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Credit]) -> QuerySet[Credit]:
        choice = self.value() or ""
        is_key = choice.isdecimal() and len(choice) <= LONGEST_KEY
        return queryset.filter(drive=int(choice)) if is_key else queryset


class DayFilter(admin.SimpleListFilter):
    """What happened on one day of the drive's zone; an address may name any, like 2026-11-14."""

    title = _("day")
    parameter_name = "day"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        chosen = request.GET.get(self.parameter_name, "")
        today = timezone.localdate().isoformat()
        others = [(chosen, chosen)] if _day(chosen) and chosen != today else []
        return [(today, _("today")), *others]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Credit]) -> QuerySet[Credit]:
        day = _day(self.value() or "")
        if not day:
            return queryset
        begin, end = drives.current(now=timezone.now()).span_of(day)
        return queryset.filter(at__gte=begin, at__lt=end)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in YEARS else None


@admin.register(Credit)
class CreditAdmin(ReadOnlyAdmin):
    list_display = (
        "id",
        "at",
        "kind",
        "counts_as",
        "signed_amount",
        "partner",
        "link",
        "reason",
        "author",
    )
    list_filter = (PartnerFilter, LinkFilter, DriveFilter, "counts_as", "kind", DayFilter)
    list_select_related = ("partner", "link", "author")
    ordering = ("-id",)
    change_list_template = "admin/partners/credit/change_list.html"

    @admin.display(description="±")
    def signed_amount(self, credit: Credit) -> str:
        return f"{credit.amount:+d}"

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """With a partner chosen, say what its lines add up to: the number that it sees."""
        response = super().changelist_view(request, extra_context)
        listed = getattr(response, "context_data", {}).get("cl")
        if listed and request.GET.get(PartnerFilter.parameter_name):
            rows = listed.queryset.order_by().values_list("counts_as").annotate(Sum("amount"))
            sums = dict(rows)
            totals = [(kind.label, sums[kind]) for kind in Credit.Kind if kind in sums]
            response.context_data["totals"] = totals  # type: ignore[attr-defined]
        return response


@admin.register(Tally)
class TallyAdmin(ReadOnlyAdmin):
    list_display = ("hour_at", "kind", "partner", "link", "value")
    list_filter = ("kind", "drive")
    list_select_related = ("partner", "link")
    ordering = ("-id",)


@admin.register(Correction)
class CorrectionAdmin(ReadOnlyAdmin):
    """What anybody reads of each act, and who did it."""

    list_display = ("recorded_at", "deed", "cause", "people", "change", "drive", "author")
    list_filter = ("deed", "cause")
    list_select_related = ("drive", "author")
    ordering = ("-recorded_at", "-id")
