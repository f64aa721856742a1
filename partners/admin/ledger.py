"""The ledger and its totals: read by staff, written by the software alone."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from partners.models import Credit, Tally


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    list_max_show_all = 50
    sortable_by = ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Credit)
class CreditAdmin(ReadOnlyAdmin):
    list_display = ("id", "at", "kind", "signed_amount", "partner", "link", "reason", "author")
    list_filter = ("kind",)
    list_select_related = ("partner", "link", "author")
    ordering = ("-id",)

    @admin.display(description="±")
    def signed_amount(self, credit: Credit) -> str:
        return f"{credit.amount:+d}"


@admin.register(Tally)
class TallyAdmin(ReadOnlyAdmin):
    list_display = ("hour_at", "kind", "partner", "link", "value")
    list_filter = ("kind", "drive")
    list_select_related = ("partner", "link")
    ordering = ("-id",)
