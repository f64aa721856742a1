"""Filters of the leads: fixed choices, so that showing them reads no lead at all."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from candidates import zips
from candidates.models import Candidate, FollowUp
from partners.models import Credit, Partner, ReferralLink

Leads = QuerySet[Candidate]
LONGEST_KEY = 18  # digits that always fit into 64 bits
STATES = sorted({*zips.STATE_BY_PREFIX.values(), *zips.PACIFIC.values()})


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"
    template = "admin/candidates/candidate/filter_grid.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [(state, state) for state in STATES]

    def queryset(self, request: HttpRequest, queryset: Leads) -> Leads:
        return queryset.filter(state=self.value()) if self.value() in STATES else queryset


class PartnerFilter(admin.SimpleListFilter):
    """The partner the sign-up is credited to now, as the dashboards count it.

    Touches would also show whoever merely met this person on the way; the credit names one.
    """

    title = _("partner credited")
    parameter_name = "partner"
    template = "admin/candidates/candidate/filter_folded.html"
    NOBODY = "none"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        partners = Partner.objects.order_by("name").values_list("pk", "name")
        return [(self.NOBODY, _("nobody (organic)")), *((str(pk), name) for pk, name in partners)]

    def queryset(self, request: HttpRequest, queryset: Leads) -> Leads:
        if not (choice := self.value()):
            return queryset
        if choice == self.NOBODY:
            return _credited(queryset, Q(link=None))
        if not choice.isdecimal() or len(choice) > LONGEST_KEY:
            return queryset.none()
        # Keys instead of a join: the planner then knows how many rows a link has.
        links = list(ReferralLink.objects.filter(partner=int(choice)).values_list("pk", flat=True))
        return _credited(queryset, Q(link__in=links))


def _credited(leads: Leads, place: Q) -> Leads:
    """Whoever signed up there or was moved there, less those whose last line there takes it away.

    Each condition is what one partial index of the ledger holds, and is asked of a lead: where the
    planner expects many, a page of fifty stops early; where few, it reads them all beforehand.
    """
    theirs = Credit.objects.filter(
        place, candidate_uuid=OuterRef("pk"), counts_as=Credit.Kind.SIGNED_UP
    )
    corrections = theirs.filter(kind__in=Credit.CORRECTIONS)
    given_later = Credit.objects.filter(
        place,
        candidate_uuid=OuterRef("candidate_uuid"),
        counts_as=Credit.Kind.SIGNED_UP,
        kind__in=Credit.CORRECTIONS,
        amount__gt=0,
        pk__gt=OuterRef("pk"),
    )
    taken = corrections.filter(~Exists(given_later), amount__lt=0)
    given = Exists(theirs.filter(kind=Credit.Kind.SIGNED_UP)) | Exists(
        corrections.filter(amount__gt=0)
    )
    return leads.filter(given, ~Exists(taken))


class AgeFilter(admin.SimpleListFilter):
    title = _("age of the lead")
    parameter_name = "age"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return [
            ("today", _("today")),
            ("3days", _("last 3 days")),
            ("week", _("last 7 days")),
            ("older", _("older than 7 days")),
        ]

    def queryset(self, request: HttpRequest, queryset: Leads) -> Leads:
        now = timezone.now()
        begins: dict[str | None, datetime] = {
            "today": timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0),
            "3days": now - timedelta(days=3),
            "week": now - timedelta(days=7),
        }
        if self.value() == "older":
            return queryset.filter(signed_up_at__lt=begins["week"])
        begin = begins.get(self.value())
        return queryset.filter(signed_up_at__gte=begin) if begin else queryset


class AssignedFilter(admin.SimpleListFilter):
    title = _("assigned to")
    parameter_name = "assigned"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return [("me", _("me")), ("nobody", _("nobody")), ("anyone", _("anyone"))]

    def queryset(self, request: HttpRequest, queryset: Leads) -> Leads:
        match self.value():
            case "me":
                return queryset.filter(assigned_to=request.user.pk)
            case "nobody":
                return queryset.filter(assigned_to=None)
            case "anyone":
                return queryset.exclude(assigned_to=None)
        return queryset


class ConfirmedFilter(admin.SimpleListFilter):
    title = _("e-mail confirmed")
    parameter_name = "confirmed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return [("yes", _("yes")), ("no", _("not yet"))]

    def queryset(self, request: HttpRequest, queryset: Leads) -> Leads:
        if self.value() not in {"yes", "no"}:
            return queryset
        return queryset.filter(confirmed_at__isnull=self.value() == "no")


# Each is read from an index, in its order; nothing sorts a million mails.
MAILS_ORDERED: dict[str, tuple[str, ...]] = {
    FollowUp.State.DUE: ("lane", "due_at", "id"),
    FollowUp.State.SENDING: ("lane", "due_at", "id"),
    FollowUp.State.SENT: ("-sent_at", "-id"),
}


class MailStateFilter(admin.SimpleListFilter):
    """What failed for good comes first; of one person who is searched for, all mails."""

    title = _("state")
    parameter_name = "state__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return FollowUp.State.choices

    def choices(self, changelist: Any) -> Iterator[Any]:
        _all, *states = super().choices(changelist)
        for state, choice in zip(FollowUp.State, states, strict=True):
            is_first = state == FollowUp.State.FAILED and not (self.value() or changelist.query)
            yield {**choice, "selected": choice["selected"] or is_first}

    def queryset(self, request: HttpRequest, queryset: QuerySet[FollowUp]) -> QuerySet[FollowUp]:
        if self.value() == FollowUp.State.SENT:
            return queryset.filter(state=self.value(), sent_at__isnull=False)  # as the index says
        if self.value() in FollowUp.State.values:
            return queryset.filter(state=self.value())
        if request.GET.get("q"):
            return queryset
        return queryset.filter(state=FollowUp.State.FAILED)
