"""Mails to many at the desk: drafted by one colleague, released by another, watched by all."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from candidates import broadcasts
from candidates.admin import broadcast_page, frames
from candidates.admin.broadcast_deeds import DeedsMixin, reached, to_broadcast
from candidates.admin.broadcast_forms import BroadcastForm
from candidates.broadcasts import Standing
from candidates.models import Broadcast, FollowUp, Lane
from partners.admin.readonly import ReadOnlyAdmin
from partners.models import User


def _left() -> Subquery:
    """How many mails of a broadcast are to be sent yet: of what is done, no row is read."""
    unsent = FollowUp.objects.filter(
        step=OuterRef("step"), lane=Lane.BULK, state__in=FollowUp.UNSENT
    )
    number = unsent.order_by().values("step").annotate(number=Count("pk")).values("number")
    return Subquery(number)


@admin.register(Broadcast)
class BroadcastAdmin(DeedsMixin, ReadOnlyAdmin):
    list_display = ("name", "stands", "people", "bar", "drafted_by", "released_by", "released_at")
    list_select_related = ("step", "drafted_by", "released_by")
    ordering = ("-drafted_at", "-id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Broadcast]:
        rows: QuerySet[Broadcast] = super().get_queryset(request)
        return rows.annotate(left=Coalesce(_left(), 0))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("candidates.add_broadcast")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) or self.has_add_permission(request)

    @admin.display(description=_("name"))
    def name(self, broadcast: Any) -> str:
        return str(broadcast.step.name)

    @admin.display(description=_("stands"))
    def stands(self, broadcast: Any) -> str:
        found = broadcasts.standing(broadcast=broadcast, left=broadcast.left)
        return format_html('<span class="pill mail-{}">{}</span>', found.value, found.label)

    @admin.display(description=_("people"), empty_value="–")
    def people(self, broadcast: Any) -> str | None:
        return None if broadcast.counted is None else f"{broadcast.counted:,}"

    @admin.display(description=_("progress"), empty_value="–")
    def bar(self, broadcast: Any) -> str | None:
        standing = broadcasts.standing(broadcast=broadcast, left=broadcast.left)
        if standing in (Standing.DRAFT, Standing.STOPPED) or not broadcast.counted:
            return None
        percent = 100 * max(0, broadcast.counted - broadcast.left) // broadcast.counted
        bar = '<progress max="100" value="{}" aria-label="{}"></progress> {} %'
        return format_html(bar, percent, gettext("Progress"), percent)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask whom it is for, count them, and go on to the words."""
        user = request.user
        if not isinstance(user, User) or not self.has_add_permission(request):
            raise PermissionDenied
        form = BroadcastForm(request.POST or None)
        if not form.is_valid():
            return self.page(request, "draft", {"title": _("New broadcast"), "form": form})
        told: dict[str, Any] = {"name": form.cleaned_data["name"], "audience": form.audience}
        made = broadcasts.draft(**told, author=user, now=timezone.now())
        self.log_addition(request, made, gettext("Drafted."))
        self.tell(request, made, reached(broadcasts.count(broadcast=made, now=timezone.now())))
        return to_broadcast(made)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if request.method != "GET" or not self.has_view_permission(request):
            raise PermissionDenied
        broadcast = self.get_object(request, object_id)
        if broadcast is None:
            raise Http404
        return self.show(request, broadcast)

    def show(self, request: HttpRequest, broadcast: Broadcast, **forms: Any) -> HttpResponse:
        context = broadcast_page.context(broadcast=broadcast, user=request.user, **forms)
        return frames.let(self.page(request, "broadcast", context), context["views"])
