"""The log of all webhooks: what was sent, how it was answered, and sending it again."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from partners import hooks
from partners.admin.readonly import ReadOnlyAdmin
from partners.models import Delivery


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = (
        "planned_at", "kind", "endpoint", "state", "outcome", "status_code", "attempts",
        "milliseconds", "tried_at", "due_at",
    )  # fmt: skip
    list_filter = ("state", "kind", "outcome")
    list_select_related = ("endpoint",)
    # By its own index where a webhook was chosen.
    ordering = ("-planned_at", "-id")
    fields = (
        "endpoint", "kind", "state", "happened_at", "planned_at", "due_at", "attempts", "tried",
        "leased_until", "source", "subject",
    )  # fmt: skip
    readonly_fields = ("tried",)
    actions = ("send_again",)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup == "endpoint__id__exact" or super().lookup_allowed(lookup, value, request)

    def has_do_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("partners.change_endpoint")

    @admin.display(description=_("each attempt"))
    def tried(self, delivery: Delivery) -> str:
        rows = {"attempts": delivery.tried}
        return render_to_string("partners/_attempts.html", rows) if delivery.tried else "-"

    @admin.action(description=_("Send again"), permissions=["do"])
    def send_again(self, request: HttpRequest, rows: QuerySet[Delivery]) -> None:
        now = timezone.now()
        again = sum(
            hooks.replay(endpoint=it.endpoint, delivery_id=it.pk, now=now)
            for it in rows.select_related("endpoint")
        )
        text = ngettext("%(count)s is sent again.", "%(count)s are sent again.", again)
        messages.success(request, text % {"count": again})
