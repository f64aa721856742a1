"""The page on which staff rehearse a drive: begin, look, purge; and the acts, to read."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partners import rehearsals
from partners.admin.readonly import ReadOnlyAdmin
from partners.models import Drive, Rehearsal, User
from partners.rehearsals.looking import Look

MOST_SHOWN = 10
PURGED = _("The rehearsal is purged: nothing of it is left.")
CLOSED = _(
    "The rehearsal is closed: nobody gets in any more. A worker drops what is left of it within"
    " seconds."
)


class BeginForm(forms.Form):
    """On the drive's own day it asks for the drive's name: everybody has something else to do."""

    name = forms.CharField(label=_("The name of the drive"), required=False, max_length=120)

    def __init__(self, data: Any = None, *, drive: Drive, is_its_day: bool) -> None:
        super().__init__(data)
        self.drive, self.is_its_day = drive, is_its_day
        if not is_its_day:
            del self.fields["name"]

    def clean_name(self) -> str:
        given: str = self.cleaned_data["name"].strip()
        if given.casefold() != self.drive.name.strip().casefold():
            raise forms.ValidationError(_("Type the name of the drive, to say that you mean it."))
        return given


class RehearsingMixin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A drive's page of rehearsals."""

    def get_urls(self) -> list[URLPattern]:
        begin = self.admin_site.admin_view(self.rehearse_view)
        purge = self.admin_site.admin_view(self.purge_view)
        return [
            path("<int:drive_id>/rehearse/", begin, name="partners_drive_rehearse"),
            path("rehearsal/purge/", purge, name="partners_drive_purge"),
            *super().get_urls(),
        ]

    def rehearse_view(self, request: HttpRequest, drive_id: int) -> HttpResponse:
        """Show how the rehearsal stands, or begin one."""
        drive, by = get_object_or_404(Drive, pk=drive_id), self._staff(request)
        now = timezone.now()
        is_its_day = rehearsals.is_its_day(drive=drive, now=now)
        posted = request.POST if request.method == "POST" else None
        form = BeginForm(posted, drive=drive, is_its_day=is_its_day)
        if posted is not None and rehearsals.is_set_up() and form.is_valid():
            self._begin(request, drive, by)
            return redirect("admin:partners_drive_rehearse", drive_id)
        acts = rehearsals.history().exclude(purged_at=None)[:MOST_SHOWN]
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Rehearse this drive"),
            "drive": drive,
            "form": form,
            "is_set_up": rehearsals.is_set_up(),
            "look": rehearsals.look(now=now) if rehearsals.is_set_up() else None,
            "acts": acts,
        }
        return TemplateResponse(request, "admin/partners/drive/rehearse.html", context)

    def _begin(self, request: HttpRequest, drive: Drive, by: User) -> None:
        try:
            rehearsals.begin(drive=drive, by=by, now=timezone.now())
        except rehearsals.AlreadyOn:
            messages.warning(request, _("There is a rehearsal already: purge that one first."))
        else:
            self.log_change(request, drive, "A rehearsal was begun.")

    def purge_view(self, request: HttpRequest) -> HttpResponse:
        """Show what would go; and purge it, when told to."""
        by = self._staff(request)
        look: Look | None = rehearsals.look(now=timezone.now()) if rehearsals.is_set_up() else None
        if look is None:
            return redirect("admin:partners_drive_changelist")
        drive = look.rehearsal.drive
        if request.method == "POST":
            is_over = rehearsals.purge(rehearsal=look.rehearsal, by=by, now=timezone.now())
            self.log_change(request, drive, "The rehearsal was purged.")
            messages.success(request, PURGED if is_over else CLOSED)
            return redirect("admin:partners_drive_rehearse", drive.pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Purge the rehearsal"),
            "drive": drive,
            "look": look,
        }
        return TemplateResponse(request, "admin/partners/drive/purge.html", context)

    def _staff(self, request: HttpRequest) -> User:
        user = request.user
        if not isinstance(user, User) or not self.has_change_permission(request):
            raise PermissionDenied
        return user


@admin.register(Rehearsal)
class RehearsalAdmin(ReadOnlyAdmin):
    list_display = ("drive", "begun_at", "begun_by", "ready_at", "purged_at", "purged_by", "people")
    list_select_related = ("drive", "begun_by", "purged_by")
    ordering = ("-begun_at", "-id")
