"""News for members: their partner passed a goal, and what last week brought."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db.models import CharField, Exists, F, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Cast, Coalesce, Concat

from partners import drives, letters
from partners.models import (
    Credit,
    Drive,
    Invitation,
    Letter,
    Member,
    Milestone,
    ReferralLink,
    Tally,
    VisitTally,
)

# A goal that was passed longer ago is no news.
RECENTLY = timedelta(days=2)
MONDAY, DIGESTS_FROM = 0, time(8)
WEEK = timedelta(days=7)
COUNTED = {Credit.Kind.SIGNED_UP: "sign_ups", Credit.Kind.CONFIRMED: "confirmed"}
ROW = ("id", "partner_id", "user__email", "language", "key")


@dataclass(slots=True)
class _Week:
    """One partner's last week: link -> its numbers, and all its sign-ups."""

    links: dict[int, dict[str, int]] = field(default_factory=dict)
    sign_ups: int = 0
    goal: dict[str, int] | None = None

    def note(self, link_id: int | None, name: str, value: int) -> None:
        """What is credited to no link is in the sum all the same, as on the dashboard."""
        if name == "sign_ups":
            self.sign_ups += value
        if link_id and value:
            row = self.links.setdefault(link_id, {"visits": 0, "sign_ups": 0, "confirmed": 0})
            row[name] += value

    def facts(self) -> dict[str, Any]:
        links = [{"link": link_id} | row for link_id, row in sorted(self.links.items())]
        return {"rows": links, "sign_ups": self.sign_ups, "goal": self.goal}


def owe_goals(*, now: datetime) -> int:
    """Owe each member the news of each goal passed lately, once; one query when there is none."""
    passed = Member.objects.filter(
        wants_goal_mail=True, partner__milestones__reached_at__gte=now - RECENTLY
    ).annotate(milestone_id=F("partner__milestones__id"))
    key = Concat(
        Value("goal:"),
        _text("partner__milestones__id"),
        Value(":"),
        _text("id"),
        output_field=CharField(),
    )
    return letters.owe_all(
        owed=[
            _letter(Letter.Kind.GOAL, row, {"milestone": row["milestone_id"]}, now)
            for row in _unowed(passed, key).values(*ROW, "milestone_id")
        ]
    )


def owe_digests(*, now: datetime) -> int:
    """On Mondays from eight in the drive's zone, owe last week's numbers, once per member."""
    drive = drives.current(now=now)
    local = now.astimezone(drive.zone)
    if local.weekday() != MONDAY or local.time() < DIGESTS_FROM:
        return 0
    monday = local.date()
    rows = list(_readers(drive, monday).values(*ROW))
    weeks = _weeks({row["partner_id"] for row in rows}, drive, monday) if rows else {}
    days = {"since": str(monday - WEEK), "until": str(monday - timedelta(days=1))}
    return letters.owe_all(
        owed=[
            _letter(Letter.Kind.DIGEST, row, days | weeks[row["partner_id"]].facts(), now)
            for row in rows
        ]
    )


def _readers(drive: Drive, monday: date) -> QuerySet[Member]:
    """Return who is still to get this week's: members of partners that had a link last week."""
    year, week, _day = monday.isocalendar()
    before = drive.span_of(monday)[0]
    links = ReferralLink.objects.filter(partner=OuterRef("partner"), created_at__lt=before)
    key = Concat(
        Value("digest:"), _text("id"), Value(f":{year}-W{week:02}"), output_field=CharField()
    )
    return _unowed(Member.objects.filter(Exists(links), wants_digest=True), key)


def _text(name: str) -> Cast:
    return Cast(name, CharField())


def _unowed(members: QuerySet[Member], key: Concat) -> QuerySet[Member]:
    """Add the key, and the language in which each accepted the invitation; drop what is owed."""
    accepted = Invitation.objects.filter(
        partner=OuterRef("partner"), email=OuterRef("user__email"), accepted_at__isnull=False
    ).order_by("-accepted_at")
    owed = Letter.objects.filter(key=OuterRef("key"))
    return (
        members.filter(user__is_active=True)
        .annotate(
            key=key,
            language=Coalesce(
                Subquery(accepted.values("language")[:1]), Value(settings.LANGUAGE_CODE)
            ),
        )
        .filter(~Exists(owed))
    )


def _letter(
    kind: Letter.Kind, row: Mapping[str, Any], facts: Mapping[str, object], now: datetime
) -> Letter:
    return Letter(
        kind=kind,
        recipient=row["user__email"],
        language=row["language"],
        facts={"member": row["id"], **facts},
        key=row["key"],
        owed_at=now,
    )


def _weeks(partner_ids: Collection[int], drive: Drive, monday: date) -> Mapping[int, _Week]:
    """Read the week before this Monday: four queries, however many partners."""
    hours = {
        "hour_at__gte": drive.span_of(monday - WEEK)[0],
        "hour_at__lt": drive.span_of(monday)[0],
    }
    weeks: dict[int, _Week] = defaultdict(_Week)
    tallies = Tally.objects.filter(partner_id__in=partner_ids, kind__in=COUNTED, **hours)
    of_kind = tallies.values_list("partner_id", "link_id", "kind").annotate(Sum("value"))
    for partner_id, link_id, kind, value in of_kind:
        weeks[partner_id].note(link_id, COUNTED[kind], value)
    visits = VisitTally.objects.filter(link__partner_id__in=partner_ids, **hours)
    people = visits.values_list("link__partner_id", "link_id").annotate(Sum("unique"))
    for partner_id, link_id, value in people:
        weeks[partner_id].note(link_id, "visits", value)
    for partner_id, goal in _goals(partner_ids, drive).items():
        weeks[partner_id].goal = goal
    return weeks


def _goals(partner_ids: Collection[int], drive: Drive) -> dict[int, dict[str, int]]:
    """Return each partner's own goal: the lowest that is still ahead, else the highest."""
    tallies = Tally.objects.filter(drive=drive, kind=drive.counts, partner_id__in=partner_ids)
    sums = dict(tallies.values_list("partner_id").annotate(Sum("value")))
    goals: dict[int, dict[str, int]] = {}
    own = drive.milestones.filter(partner_id__in=partner_ids, scope=Milestone.Scope.CUMULATIVE)
    for partner_id, target in own.order_by("target").values_list("partner_id", "target"):
        value = sums.get(partner_id, 0)
        if partner_id not in goals or goals[partner_id]["target"] <= value:
            goals[partner_id] = {"value": value, "target": target}
    return goals
