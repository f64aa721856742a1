"""The mails of the last 24 hours, hour by hour: five queries, each bound by an index.

What was sent counts in the hour that it left. All else counts in the hour that it was due, since
nothing says when it was set aside; what was stopped before its hour came is not here yet.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Count, QuerySet
from django.db.models.functions import Trunc

from candidates.models import FollowUp, Lane
from recruit import utc

State = FollowUp.State
SHOWN = 24


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour; the first line of all is what was due before them."""

    at: datetime | None
    due: int
    sending: int
    sent: int
    failed: int
    suppressed: int
    needless: int
    held: int


def by_hour(*, now: datetime) -> list[Hour]:
    """Return what is still owed from before, and then each hour, this one last."""
    begin = now.replace(minute=0, second=0, microsecond=0) - (SHOWN - 1) * utc.HOUR
    counts: dict[datetime | None, Counter[str]] = defaultdict(Counter)
    for rows in (_sent(begin), _owed(begin, now), _failed(begin, now), _set_aside(begin, now)):
        for at, state, count in rows:
            counts[at][state] += count
    return [_hour(at, counts[at]) for at in (None, *_hours(begin))]


def _hours(begin: datetime) -> Iterator[datetime]:
    return (begin.astimezone(UTC) + number * utc.HOUR for number in range(SHOWN))


def _hour(at: datetime | None, of: Counter[str]) -> Hour:
    return Hour(
        at,
        due=of[State.DUE],
        sending=of[State.SENDING],
        sent=of[State.SENT],
        failed=of[State.FAILED],
        suppressed=of[State.SUPPRESSED],
        needless=of[State.NEEDLESS],
        held=of[State.HELD],
    )


Rows = Iterator[tuple[datetime | None, str, int]]


def _sent(begin: datetime) -> Rows:
    left = FollowUp.objects.filter(sent_at__gte=begin).values_list(
        Trunc("sent_at", "hour", tzinfo=UTC)
    )
    return ((at, State.SENT, count) for at, count in left.annotate(count=Count("pk")).order_by())


def _owed(begin: datetime, now: datetime) -> Rows:
    owed = FollowUp.objects.filter(lane__in=Lane.values, state__in=FollowUp.OWED)
    yield from _by_due(owed.filter(due_at__gte=begin, due_at__lte=now))
    earlier = owed.filter(due_at__lt=begin).values_list("state").annotate(count=Count("pk"))
    for state, count in earlier.order_by():
        yield None, state, count


def _failed(begin: datetime, now: datetime) -> Rows:
    failed = FollowUp.objects.filter(state=State.FAILED, due_at__gte=begin, due_at__lte=now)
    return _by_due(failed)


def _set_aside(begin: datetime, now: datetime) -> Rows:
    aside = FollowUp.objects.filter(
        state__in=FollowUp.SET_ASIDE, due_at__gte=begin, due_at__lte=now
    )
    return _by_due(aside)


def _by_due(rows: QuerySet[FollowUp]) -> Rows:
    counts = rows.values_list(Trunc("due_at", "hour", tzinfo=UTC), "state")
    return iter(counts.annotate(count=Count("pk")).order_by())
