"""Drives and their milestones: dates and targets are data that staff set."""

from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from partners import corrections, milestones
from partners.admin.begun import BegunMixin
from partners.admin.rehearsals import RehearsingMixin
from partners.drive_forms import DriveForm
from partners.milestone_forms import MilestoneForm
from partners.models import Drive, Milestone, User

REACHED = ("reached_at", "reached_value", "reached_by", "announced_at")


class MilestoneInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Milestone
    form = MilestoneForm
    extra = 0
    fields = ("scope", "partner", "target", "reached_at", "reached_value", "announced_at")
    readonly_fields = ("reached_at", "reached_value", "announced_at")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """One that was reached is history; another can be deleted on its own page."""
        return False


@admin.register(Drive)
class DriveAdmin(BegunMixin, RehearsingMixin):
    form = DriveForm
    change_form_template = "admin/partners/drive/change_form.html"
    list_display = ("name", "day_on", "time_zone", "opens_at", "closes_at", "baseline", "counts")
    prepopulated_fields = {"slug": ("name",)}
    ordering = ("-opens_at", "-id")
    inlines = (MilestoneInline,)
    fieldsets = (
        (None, {"fields": ("name", "slug")}),
        (
            _("The day"),
            {
                "fields": ("day_on", "last_day_on", "time_zone", "is_local_day"),
                "description": _(
                    "It runs from the first minute in the time zone to the last. The zone and"
                    " everyone's own day can be chosen until somebody was counted by them, and the"
                    " day until somebody was counted on it."
                ),
            },
        ),
        (
            _("Opening and closing"),
            {
                "fields": ("opens_at", "closes_at"),
                "description": _(
                    "Who signs up belongs to the open drive that opened last. Without a closing"
                    " it goes on."
                ),
            },
        ),
        (
            _("What counts"),
            {
                "fields": ("counts", "baseline", "baseline_source"),
                "description": _(
                    "What had been counted before this drive is part of all totals in all, and"
                    " anyone may ask where it is from. Once the drive has opened, a change of it is"
                    " told in the public list of corrections."
                ),
            },
        ),
        (_("Credit"), {"fields": ("attribution", "window_days")}),
    )

    def save_model(self, request: HttpRequest, obj: Drive, form: DriveForm, change: bool) -> None:
        """Write down for everybody that the number from before was changed."""
        if change and "baseline" in form.changed_data:
            milestones.hold()
            author = cast("User", request.user)
            corrections.tell_baseline(drive=obj, author=author, now=timezone.now())
        super().save_model(request, obj, form, change)

    def has_delete_permission(self, request: HttpRequest, obj: Drive | None = None) -> bool:
        """A drive owns its tallies and credits; it is closed, never deleted."""
        return False

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.next_milestone_view))
        name = "partners_drive_next_milestone"
        return [path("<int:drive_id>/next-milestone/", view, name=name), *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        drive = self.get_object(request, object_id)
        may = drive and self._may_set(request, drive)
        shown = {"suggestions": milestones.suggest(drive=drive) if drive and may else []}
        return super().change_view(request, object_id, form_url, (extra_context or {}) | shown)

    def _may_set(self, request: HttpRequest, drive: Drive) -> bool:
        return self.has_change_permission(request, drive) and request.user.has_perm(
            "partners.add_milestone"
        )

    def next_milestone_view(self, request: HttpRequest, drive_id: int) -> HttpResponse:
        """Set the milestone that the page suggests now."""
        drive = get_object_or_404(Drive, pk=drive_id)
        if not self._may_set(request, drive):
            raise PermissionDenied
        made = milestones.add_next(drive=drive, scope=request.POST.get("scope", ""))
        if made:
            words = _("The next milestone is %(milestone)s.") % {"milestone": made}
            self.log_change(request, drive, str(words))
            messages.success(request, words)
        return redirect("admin:partners_drive_change", drive_id)


@admin.register(Milestone)
class MilestoneAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = MilestoneForm
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
