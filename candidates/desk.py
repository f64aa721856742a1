"""What waits for staff, and how many: read when the desk opens, cheap on a million leads."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model, QuerySet

from candidates import mail_board
from candidates.models import Candidate, FollowUp, PhoneConflict, Touch
from candidates.models.candidates import Stage
from partners.models import Application, Hold, Recount, User

# Nobody reads more than this from a pile; counting stops here, so its cost does not grow.
COUNTED_UP_TO = 1_000
SHOWN = 10
FINISHED = (Stage.ENDORSED, Stage.NOT_THIS_TIME)


@dataclass(frozen=True, slots=True)
class Count:
    """A number that is exact up to COUNTED_UP_TO, and "more than that" above."""

    value: int
    is_capped: bool

    def __str__(self) -> str:
        return f"{self.value:,}+" if self.is_capped else f"{self.value:,}"

    def __bool__(self) -> bool:
        return self.value > 0


@dataclass(frozen=True, slots=True)
class Pile:
    """A few of what waits, and how many there are."""

    rows: tuple[Model, ...]
    count: Count


@dataclass(frozen=True, slots=True)
class Desk:
    """The first page of staff."""

    mail: mail_board.Standing
    unique_leads: int
    new: Pile
    mine: Pile
    conflicts: Pile
    failed_mails: Pile
    unknown_codes: Pile
    holds: Count
    applications: Count
    drifted: Recount | None


def capped(rows: QuerySet[Any], limit: int = COUNTED_UP_TO) -> Count:
    """Count up to a limit: the database stops looking there."""
    found = rows.order_by().values("pk")[: limit + 1].count()
    return Count(min(found, limit), is_capped=found > limit)


def unique_leads() -> int:
    """Say exactly how many unique leads there are, right now, for compliance.

    A lead is a row, and constraints keep one address and one phone one row: counting them is the
    truth itself, but for those of whom staff said that they are somebody else of these.
    bench/desk.py: some 30 ms for a million (an index-only scan); the sum of the tallies takes as
    long there, lags by a fold and counts credits, not people.
    """
    merged = Candidate.objects.filter(merged_into__isnull=False).count()
    return Candidate.objects.count() - merged


def waiting() -> QuerySet[Candidate]:
    return Candidate.objects.filter(stage=Stage.RAISED_HAND, assigned_to=None, merged_into=None)


def open_of(user: User) -> QuerySet[Candidate]:
    mine = Candidate.objects.filter(assigned_to=user, merged_into=None)
    return mine.exclude(stage__in=FINISHED)


def look(*, user: User, now: datetime) -> Desk:
    newest = ("-signed_up_at", "-pk")
    conflicts = PhoneConflict.objects.filter(settled_at=None)
    failed = FollowUp.objects.filter(state=FollowUp.State.FAILED)
    return Desk(
        mail=mail_board.standing(now=now),
        unique_leads=unique_leads(),
        new=_pile(waiting().order_by(*newest)),
        mine=_pile(open_of(user).order_by(*newest)),
        conflicts=_pile(
            conflicts.select_related("candidate", "held_by").order_by("noticed_at", "pk")
        ),
        failed_mails=_pile(
            failed.select_related("candidate", "step__sequence").order_by("-due_at", "-pk")
        ),
        unknown_codes=_pile(Touch.objects.filter(link=None).order_by("-at", "-pk")),
        holds=capped(Hold.objects.filter(settled_at=None)),
        applications=capped(Application.objects.filter(decided_at=None)),
        drifted=Recount.objects.alarms().order_by("looked_at").last(),
    )


def _pile(rows: QuerySet[Any]) -> Pile:
    return Pile(rows=tuple(rows[:SHOWN]), count=capped(rows))
