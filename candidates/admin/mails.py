"""The e-mails we owe: what failed comes first, and can be tried again."""

from typing import Any, TypeAlias

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from candidates import finding, followups
from candidates.admin import filters
from candidates.admin.mail_board import MailBoardMixin
from candidates.models import FollowUp, MailEvent, Suppression
from partners.admin.readonly import ReadOnlyAdmin

Columns: TypeAlias = list[Any] | tuple[Any, ...]


class OfALeadAdmin(ReadOnlyAdmin):
    """Names the lead to whoever may look at leads, and to others says the reference alone."""

    def get_list_display(self, request: HttpRequest) -> Columns:
        return _named(request, super().get_list_display(request))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Columns:
        return _named(request, super().get_fields(request, obj))

    @admin.display(description=_("candidate"))
    def reference(self, row: FollowUp | MailEvent) -> str:
        return str((row.followup if isinstance(row, MailEvent) else row).candidate_id)


def _named(request: HttpRequest, columns: Columns) -> Columns:
    if _may_see_leads(request):
        return columns
    return ["reference" if it in {"candidate", "person"} else it for it in columns]


def _may_see_leads(request: HttpRequest) -> bool:
    return request.user.has_perm("candidates.view_candidate")


@admin.register(FollowUp)
class FollowUpAdmin(MailBoardMixin, OfALeadAdmin):
    """Opens on what failed for good; each other state is asked for, in the order of an index."""

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
    list_filter = (filters.MailStateFilter, "step__sequence")
    list_select_related = ("candidate", "step__sequence")
    search_fields = ("id",)  # shows the box; get_search_results says how it is searched
    search_help_text = _("The beginning of an e-mail address")
    actions = ("try_again",)

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return filters.MAILS_ORDERED.get(request.GET.get("state__exact", ""), ("-due_at", "-id"))

    def get_search_fields(self, request: HttpRequest) -> Columns:
        """Whoever may see no lead could else try addresses, one letter after the other."""
        return super().get_search_fields(request) if _may_see_leads(request) else ()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[FollowUp], search_term: str
    ) -> tuple[QuerySet[FollowUp], bool]:
        if not self.get_search_fields(request):
            return queryset, False
        return finding.mails(rows=queryset, term=search_term), False

    def has_retry_permission(self, request: HttpRequest) -> bool:
        """Retrying is a change, though no field of a mail is ever edited by hand."""
        return request.user.has_perm("candidates.change_followup")

    @admin.action(description=_("Send the failed ones again"), permissions=["retry"])
    def try_again(self, request: HttpRequest, rows: QuerySet[FollowUp]) -> None:
        ids = list(rows.filter(state=FollowUp.State.FAILED).values_list("pk", flat=True))
        count = followups.retry(ids=ids, now=timezone.now())
        text = ngettext("%(count)s e-mail is due again.", "%(count)s e-mails are due again.", count)
        messages.success(request, text % {"count": f"{count:,}"})


@admin.register(MailEvent)
class MailEventAdmin(OfALeadAdmin):
    list_display = ("at", "kind", "person", "step", "provider", "detail")
    list_filter = ("kind",)
    list_select_related = ("followup__candidate", "followup__step__sequence")
    ordering = ("-id",)

    @admin.display(description=_("candidate"))
    def person(self, event: MailEvent) -> str:
        return str(event.followup.candidate)

    @admin.display(description=_("step"))
    def step(self, event: MailEvent) -> str:
        return str(event.followup.step)


@admin.register(Suppression)
class SuppressionAdmin(ReadOnlyAdmin):
    """An entry names nobody: it is lifted on the page of the lead, by whoever knows the address."""

    list_display = ("digest", "reason", "at")
    list_filter = ("reason",)
    ordering = ("-at", "-id")
