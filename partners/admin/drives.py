"""Drives and their milestones: dates and targets are data that staff set."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from partners import milestones
from partners.models import Drive, Milestone

REACHED = ("reached_at", "reached_value", "reached_by", "announced_at")


class DriveForm(forms.ModelForm):  # type: ignore[type-arg]
    """Keeps a drive open: every sign-up belongs to one."""

    def clean(self) -> dict[str, Any] | None:
        given = super().clean()
        self._check_the_day()
        baseline, source = self._given("baseline", "baseline_source")
        if baseline and not source:
            self.add_error("baseline_source", _("Say where that number is from."))
        if self.instance.pk:
            self._check_that_one_is_open()
            self._keep_the_clock()
        return given

    def _check_the_day(self) -> None:
        """The day lies between opening and closing; the last day's own check is a constraint."""
        opens_at, closes_at, zone = self._given("opens_at", "closes_at", "time_zone")
        day, last_day = self._given("day_on", "last_day_on")
        if not (opens_at and zone and day):
            return
        told = Drive(day_on=day, last_day_on=last_day, time_zone=zone)
        if closes_at and closes_at <= opens_at:
            self.add_error("closes_at", _("It must close after it opens."))
        elif closes_at and closes_at <= told.span[0]:
            self.add_error("closes_at", _("It can't close before the day begins."))
        if told.span[1] <= opens_at:
            self.add_error("opens_at", _("The day would be over before the drive opens."))

    def _check_that_one_is_open(self) -> None:
        opens_at, closes_at = self._given("opens_at", "closes_at")
        now = timezone.now()
        if opens_at and closes_at:
            self._keep_open(max(now, closes_at))
        elif opens_at and opens_at > now:
            self._keep_open(now)

    def _keep_the_clock(self) -> None:
        """What was counted by one clock is not cut anew by another: a milestone may stand on it."""
        changed = [name for name in ("time_zone", "is_local_day") if name in self.changed_data]
        if changed and milestones.is_counted(drive=self.instance):
            for name in changed:
                message = _("People were counted by this clock already: open another drive.")
                self.add_error(name, message)

    def _given(self, *names: str) -> list[Any]:
        return [self.cleaned_data.get(name) for name in names]

    def _keep_open(self, at: datetime) -> None:
        """Ask for another drive that is open then, when this one is not."""
        try:
            Drive.objects.exclude(pk=self.instance.pk).current(at)
        except Drive.DoesNotExist:
            message = _("Another drive must be open then: every sign-up belongs to one.")
            self.add_error("closes_at", message)


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
                    " everyone's own day can be chosen until somebody was counted by them."
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
                    " anyone may ask where it is from."
                ),
            },
        ),
        (_("Credit"), {"fields": ("attribution", "window_days")}),
    )

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
