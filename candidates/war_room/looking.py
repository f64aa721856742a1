"""Everything of one moment, kept for some seconds: any number of colleagues may watch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count

from candidates import mail_board
from candidates.mail_board import Standing
from candidates.models import Candidate
from candidates.models.candidates import Door
from partners import drives, forecasts, plans, totals
from partners.forecasts import Forecast, Hindsight
from partners.models import Credit, Drive, Recount
from partners.plans import Day
from partners.totals import Totals
from recruit import errors, queues
from recruit.errors import Failures
from recruit.memory import Kept
from recruit.queues import Queue

KEPT_SECONDS = 2.0
# A quarter of a second for 250,000 sign-ups: kept longer than all the rest.
DOORS_KEPT_SECONDS = 30.0
LATELY = 10

# Name, how many came, and how many of these confirmed.
Doors = Sequence[tuple[str, int, int]]


@dataclass(frozen=True, slots=True)
class WarRoom:
    """`per_minute` is the mean of the last LATELY full minutes; `day` is the drive's, in hours.

    Both are of what the drive counts; `came` is who signed up and who confirmed in those minutes.

    Of a drive with several days, `on` is the one that is shown hour by hour: today, or the nearest.
    `failures` and `queues` are None while Redis is away; `uncounted_at` is when the oldest line of
    the ledger was written that is in no total yet.
    """

    as_of: datetime
    drive: Drive
    totals: Totals
    on: date
    day: Day
    per_minute: float
    came: Mapping[str, int]
    forecast: Forecast | None
    hindsight: Sequence[Hindsight]
    doors: Doors
    mail: Standing
    failures: Failures | None
    queues: Sequence[Queue] | None
    uncounted_at: datetime | None
    drifted: int = 0

    @property
    def is_on(self) -> bool:
        return self.totals.phase == "today"

    @property
    def lately(self) -> int:
        """How many signed up in the last full minutes that failures are held against."""
        return self.came.get(Credit.Kind.SIGNED_UP, 0)


_kept: Kept[WarRoom] = Kept(seconds=KEPT_SECONDS, apart=True)
_doors_kept: Kept[Doors] = Kept(seconds=DOORS_KEPT_SECONDS)


def forget() -> None:
    _kept.forget()
    _doors_kept.forget()


def look(*, now: datetime) -> WarRoom:
    """Return the war room, at most KEPT_SECONDS old: its cost does not grow with who watches."""
    return _kept.get(lambda: read(now=now))


def read(*, now: datetime) -> WarRoom:
    drive = drives.current(now=now)
    counted = totals.read(drive=drive, now=now)
    on = drive.day_at(now)
    day = plans.read(drive=drive, day=on)
    begin, end = drive.span_of(on)
    # On everyone's own clock no hour is over before the day is: there is nothing to go by.
    hours = () if drive.is_local_day else day.hours
    begun = [(it.at, it.count) for it in hours if it.at <= now]
    full = counted.minutes[-LATELY - 1 : -1]
    return WarRoom(
        as_of=now,
        drive=drive,
        totals=counted,
        on=on,
        day=day,
        per_minute=sum(count for _minute, count in full) / LATELY,
        came=_came(drive, now),
        forecast=forecasts.make(hours=begun, shape=day.shape, ends_at=end, now=now)
        if now < end
        else None,
        hindsight=forecasts.hindsight(hours=begun, shape=day.shape, ends_at=end, now=now),
        doors=_doors_kept.get(lambda: _doors(begin, end)),
        mail=mail_board.standing(now=now),
        failures=errors.lately(minutes=LATELY, now=now),
        queues=queues.look(),
        uncounted_at=Credit.objects.uncounted_since(),
        drifted=sum(Recount.objects.alarms().values_list("drifted", flat=True)),
    )


def _came(drive: Drive, now: datetime) -> Mapping[str, int]:
    """Count the lines of the last full minutes by what happened: no correction undoes a coming."""
    until = now.replace(second=0, microsecond=0)
    lately = Credit.objects.filter(
        drive=drive, at__gte=until - timedelta(minutes=LATELY), at__lt=until, kind__in=Drive.Counts
    )
    return dict(lately.values_list("kind").annotate(Count("pk")))


def _doors(begin: datetime, end: datetime) -> Doors:
    """Return how many came through each door on the day, the widest first."""
    came = Candidate.objects.filter(signed_up_at__gte=begin, signed_up_at__lt=end)
    came = came.filter(merged_into=None).order_by()
    counts = came.values_list("door").annotate(count=Count("pk"), confirmed=Count("confirmed_at"))
    rows = counts.order_by("-count", "door")
    return [(str(Door(door).label), count, confirmed) for door, count, confirmed in rows]
