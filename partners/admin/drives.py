"""Drives and their milestones: dates and targets are data that staff set."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from partners.models import Drive, Milestone

REACHED = ("reached_at", "reached_value", "reached_by", "announced_at")


class MilestoneInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Milestone
    extra = 0
    fields = ("scope", "partner", "target", "reached_at", "reached_value", "announced_at")
    readonly_fields = ("reached_at", "reached_value", "announced_at")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """One that was reached is history; another can be deleted on its own page."""
        return False


@admin.register(Drive)
class DriveAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "day_on", "time_zone", "opens_at", "closes_at", "baseline", "counts")
    prepopulated_fields = {"slug": ("name",)}
    ordering = ("-opens_at", "-id")
    inlines = (MilestoneInline,)

    def has_delete_permission(self, request: HttpRequest, obj: Drive | None = None) -> bool:
        """A drive owns its tallies and credits; it is closed, never deleted."""
        return False


@admin.register(Milestone)
class MilestoneAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("__str__", "drive", "partner", "reached_at", "reached_value", "announced_at")
    list_filter = ("drive", "scope")
    list_select_related = ("drive", "partner")
    readonly_fields = REACHED
    ordering = ("drive", "scope", "target", "id")

    def has_delete_permission(self, request: HttpRequest, obj: Milestone | None = None) -> bool:
        is_history = obj is not None and obj.reached_at is not None
        return not is_history and super().has_delete_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Milestone | None = None) -> bool:
        is_history = obj is not None and obj.reached_at is not None
        return not is_history and super().has_change_permission(request, obj)
