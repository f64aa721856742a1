"""The e-mails we owe: what failed comes first, and can be tried again."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from candidates import followups
from candidates.models import FollowUp, Suppression
from partners.admin.readonly import ReadOnlyAdmin


@admin.register(FollowUp)
class FollowUpAdmin(ReadOnlyAdmin):
    list_display = (
        "candidate",
        "step",
        "state",
        "why",
        "due_at",
        "sent_at",
        "attempts",
        "last_error",
    )
    list_filter = ("state", "why", "step__sequence")
    list_select_related = ("candidate", "step__sequence")
    ordering = ("-due_at", "-id")
    actions = ("try_again",)

    def has_retry_permission(self, request: HttpRequest) -> bool:
        """Retrying is a change, though no field of a mail is ever edited by hand."""
        return request.user.has_perm("candidates.change_followup")

    @admin.action(description=_("Send the failed ones again"), permissions=["retry"])
    def try_again(self, request: HttpRequest, rows: QuerySet[FollowUp]) -> None:
        ids = list(rows.filter(state=FollowUp.State.FAILED).values_list("pk", flat=True))
        count = followups.retry(ids=ids, now=timezone.now())
        text = ngettext("%(count)s e-mail is due again.", "%(count)s e-mails are due again.", count)
        messages.success(request, text % {"count": f"{count:,}"})


@admin.register(Suppression)
class SuppressionAdmin(ReadOnlyAdmin):
    list_display = ("digest", "reason", "at")
    list_filter = ("reason",)
    ordering = ("-at", "-id")
