"""What had drifted from the ledger, row by row, until a colleague has looked into it."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partners.admin.moments import HasCome
from partners.admin.readonly import ReadOnlyAdmin
from partners.models import Drifted, Recount


class DriftedInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Drifted
    extra = 0
    template = "admin/partners/recount/rows.html"
    verbose_name_plural = _("What had drifted, and was repaired")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Drifted]:
        rows: QuerySet[Drifted] = super().get_queryset(request)
        return rows.select_related("drive", "partner", "link").order_by("pk")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Recount)
class RecountAdmin(ReadOnlyAdmin):
    list_display = ("looked_at", "is_whole", "took", "drifted", "seen_at", "seen_by")
    list_filter = ("is_whole", ("seen_at", HasCome))
    list_select_related = ("seen_by",)
    ordering = ("-looked_at", "-id")
    fields = ("looked_at", "is_whole", "took", "drifted", "seen_at", "seen_by")
    inlines = (DriftedInline,)
    actions = ("looked_into",)

    def has_settle_permission(self, request: HttpRequest) -> bool:
        """Looking into it is a change, though no field of a recount is ever edited by hand."""
        return request.user.has_perm("partners.change_recount")

    @admin.display(description=_("seconds"))
    def took(self, recount: Recount) -> str:
        return f"{recount.seconds:.1f}"

    @admin.action(description=_("I have looked into it"), permissions=["settle"])
    def looked_into(self, request: HttpRequest, rows: QuerySet[Recount]) -> None:
        rows.filter(seen_at=None).update(seen_at=timezone.now(), seen_by=request.user)
