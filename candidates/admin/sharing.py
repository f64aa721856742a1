"""What staff do and see of sharing: end one for somebody who asked, and who took which file."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from candidates import sharing
from candidates.models import LeadExport, LeadFetch
from partners.admin.readonly import ReadOnlyAdmin
from partners.models import User


class SharingMixin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The button "stop sharing" on the page of a lead."""

    def get_urls(self) -> list[URLPattern]:
        unshare = path(
            "<uuid:candidate_id>/unshare/<int:partner_id>/",
            self.admin_site.admin_view(self.unshare_view),
            name="candidates_candidate_unshare",
        )
        return [unshare, *super().get_urls()]

    def unshare_view(
        self, request: HttpRequest, candidate_id: UUID, partner_id: int
    ) -> HttpResponse:
        user = request.user
        if not isinstance(user, User) or not self.has_change_permission(request):
            raise PermissionDenied
        if request.method == "POST" and sharing.withdraw(
            candidate_id=candidate_id, partner_id=partner_id, now=timezone.now(), author=user
        ):
            messages.success(request, _("This partner no longer sees this lead."))
        return HttpResponseRedirect(
            reverse("admin:candidates_candidate_change", args=[candidate_id])
        )


class FetchInline(admin.TabularInline):  # type: ignore[type-arg]
    model = LeadFetch
    extra = 0
    fields = readonly_fields = ("user", "at")
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(LeadExport)
class LeadExportAdmin(ReadOnlyAdmin):
    """The log of who asked for whose leads, and who took them away. The content is not shown."""

    list_display = ("requested_at", "partner", "author", "done", "finished_at", "fetched_at")
    list_select_related = ("partner", "author")
    ordering = ("-requested_at", "-id")
    fields = (
        "partner", "author", "requested_at", "finished_at", "given_up_at", "expires_at", "done",
        "total", "attempts", "fetched_at",
    )  # fmt: skip
    inlines = (FetchInline,)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("content")
