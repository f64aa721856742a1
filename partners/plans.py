"""How many should have signed up by now: the day's target, spread over its hours.

Spread as partners.day_shapes says: as the last drive's day went, where there was one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Sum

from partners import day_shapes
from partners.day_shapes import DayShape
from partners.models import Drive, Milestone, Tally
from recruit import utc

MINUTES = 60
# A drive that is always open has people, and nobody on a day of its own.
MOST_LOOKED_AT = 5

Counted = Sequence[tuple[datetime, int]]


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of the day: what came, what was planned, and what came in the last drive's."""

    at: datetime
    count: int
    planned: float | None
    before: int | None


@dataclass(frozen=True, slots=True)
class Day:
    """The hours of a drive's day, how they share its people, and the drive it is held against."""

    hours: tuple[Hour, ...]
    shape: DayShape
    last: Drive | None
    goal: int | None

    def by_now(self, now: datetime) -> tuple[int, float | None, int | None]:
        """Return what came, was planned and came last time until now, the hour as far as it is."""
        shares = [(it, min(1.0, max(0.0, (now - it.at) / utc.HOUR))) for it in self.hours]
        planned = sum((it.planned or 0) * share for it, share in shares)
        before = sum((it.before or 0) * share for it, share in shares)
        return (
            sum(it.count for it in self.hours),
            planned if self.goal else None,
            round(before) if self.last else None,
        )

    def per_minute(self, now: datetime) -> tuple[float | None, float | None]:
        """Return how many a minute were planned, and came last time, in the hour that is now."""
        here = next((it for it in self.hours if it.at <= now < it.at + utc.HOUR), None)
        if not here:
            return None, None
        planned = None if here.planned is None else here.planned / MINUTES
        return planned, None if here.before is None else here.before / MINUTES


def read(*, drive: Drive, day: date) -> Day:
    """Read a day of a drive beside the same day of the last one: four queries, mostly.

    Of a goal for several days, each day has the same part.
    """
    hours = _hours(drive, day)
    last, then = _last(drive, day)
    before = _same_clock(hours, then, drive, last) if last else None
    shape = day_shapes.find(hours=[at for at, _count in hours], zone=drive.zone, before=before)
    goal = _goal(drive)
    part = goal / (drive.next_day_on - drive.day_on).days if goal else None
    return Day(
        hours=tuple(
            Hour(
                at,
                count,
                part * shape.parts[at] if part else None,
                before[number] if before else None,
            )
            for number, (at, count) in enumerate(hours)
        ),
        shape=shape,
        last=last,
        goal=goal,
    )


def _hours(drive: Drive, day: date) -> Counted:
    """Return each hour of UTC of that day with its count: 23 to 25 of them."""
    begin, end = drive.span_of(day)
    tallies = Tally.objects.filter(drive=drive, kind=drive.counts)
    of_day = tallies.filter(hour_at__gte=begin, hour_at__lt=end)
    found = dict(of_day.values_list("hour_at").annotate(Sum("value")))
    return [(at, found.get(at, 0)) for at in utc.hours(begin, end)]


def _last(drive: Drive, day: date) -> tuple[Drive | None, Counted]:
    """Return the last drive before this one that had somebody on its day, and that day's hours.

    Of several days it is the one with the same number, or the last one.
    """
    of_theirs = Tally.objects.filter(drive=OuterRef("pk"), kind=drive.counts)
    earlier = Drive.objects.filter(Exists(of_theirs), day_on__lt=drive.day_on, counts=drive.counts)
    for last in earlier.order_by("-day_on", "-id")[:MOST_LOOKED_AT]:
        same = last.day_on + (day - drive.day_on)
        hours = _hours(last, min(same, last.next_day_on - timedelta(days=1)))
        if any(count for _at, count in hours):
            return last, hours
    return None, []


def _same_clock(
    hours: Counted,
    then: Counted,
    drive: Drive,
    last: Drive,
) -> list[int]:
    """Return what came in the hour with the same time on the wall, in the day of the last drive."""
    by_clock: dict[int, int] = {}
    for at, count in then:
        clock = at.astimezone(last.zone).hour
        by_clock[clock] = by_clock.get(clock, 0) + count
    return [by_clock.get(at.astimezone(drive.zone).hour, 0) for at, _count in hours]


def _goal(drive: Drive) -> int | None:
    targets = drive.milestones.filter(partner=None, scope=Milestone.Scope.DAY)
    return targets.order_by("-target").values_list("target", flat=True).first()
