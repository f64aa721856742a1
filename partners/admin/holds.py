"""Credit that waits for staff to look: credit it, or leave it with nobody. Codes of links."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from partners import credits
from partners.admin.moments import HasCome
from partners.admin.readonly import ReadOnlyAdmin
from partners.models import Hold, LinkCode, User


@admin.register(Hold)
class HoldAdmin(ReadOnlyAdmin):
    list_display = ("held_at", "suspicion", "link", "person", "outcome", "settled_by", "settled_at")
    list_display_links = None
    list_filter = (("settled_at", HasCome), "suspicion", "outcome")
    list_select_related = ("link", "settled_by")
    ordering = ("-held_at", "-id")
    actions = ("credit_them", "leave_them")

    def has_settle_permission(self, request: HttpRequest) -> bool:
        """Settling is a change, though no field of a hold is ever edited by hand."""
        return request.user.has_perm("partners.change_hold")

    @admin.display(description=_("lead"))
    def person(self, hold: Hold) -> str:
        address = reverse("admin:candidates_candidate_change", args=[hold.candidate_uuid])
        return format_html('<a href="{}">{}</a>', address, _("see the lead"))

    @admin.action(description=_("Credit them to their link"), permissions=["settle"])
    def credit_them(self, request: HttpRequest, rows: QuerySet[Hold]) -> None:
        if isinstance(request.user, User):
            ids = list(rows.values_list("pk", flat=True))
            self._say(
                request, credits.release(hold_ids=ids, author=request.user, now=timezone.now())
            )

    @admin.action(description=_("Don't credit them"), permissions=["settle"])
    def leave_them(self, request: HttpRequest, rows: QuerySet[Hold]) -> None:
        if isinstance(request.user, User):
            ids = list(rows.values_list("pk", flat=True))
            self._say(
                request, credits.refuse(hold_ids=ids, author=request.user, now=timezone.now())
            )

    def _say(self, request: HttpRequest, count: int) -> None:
        text = ngettext("%(count)s held credit settled.", "%(count)s held credits settled.", count)
        messages.success(request, text % {"count": f"{count:,}"})


@admin.register(LinkCode)
class LinkCodeAdmin(ReadOnlyAdmin):
    list_display = ("code", "link", "since_at")
    list_select_related = ("link",)
    search_fields = ("code",)
    ordering = ("-since_at", "-id")
