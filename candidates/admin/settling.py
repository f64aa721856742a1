"""What only a person can decide: whose phone number it is, and what to take from a repeat."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from candidates import triage
from candidates.models import PhoneConflict, Resubmission
from partners.admin.moments import HasCome
from partners.admin.readonly import ReadOnlyAdmin
from partners.models import User


@admin.register(PhoneConflict)
class PhoneConflictAdmin(ReadOnlyAdmin):
    list_display = ("phone", "candidate", "held_by", "noticed_at", "settled_at")
    list_filter = (("settled_at", HasCome),)
    list_select_related = ("candidate", "held_by")
    ordering = ("-noticed_at", "-id")
    actions = ("settle",)

    def has_settle_permission(self, request: HttpRequest) -> bool:
        """Settling is a change, though no field of a conflict is ever edited by hand."""
        return request.user.has_perm("candidates.change_phoneconflict")

    @admin.action(
        description=_("Settled: the number stays with its holder"), permissions=["settle"]
    )
    def settle(self, request: HttpRequest, rows: QuerySet[PhoneConflict]) -> None:
        if not isinstance(request.user, User):
            return
        ids = list(rows.values_list("pk", flat=True))
        count = triage.settle(conflict_ids=ids, author=request.user, now=timezone.now())
        text = ngettext("%(count)s conflict settled.", "%(count)s conflicts settled.", count)
        messages.success(request, text % {"count": f"{count:,}"})


@admin.register(Resubmission)
class ResubmissionAdmin(ReadOnlyAdmin):
    list_display = ("candidate", "at")
    list_select_related = ("candidate",)
    ordering = ("-at", "-id")
