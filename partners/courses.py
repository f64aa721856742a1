"""The course of a drive's day, minute by minute, as the big screen draws it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from partners import minutes
from partners.minutes import MINUTE
from partners.models import Drive
from partners.totals import Totals
from recruit.memory import Kept

# Minutes of the past change by corrections only, and the last hour is laid over them from totals
# that are a second old.
KEPT_SECONDS = 60.0
TEN, HOUR = 10, 60
TICK_HOURS = 6
# One hand a minute must not look like a rush.
LOWEST_TOP = 5


@dataclass(frozen=True, slots=True)
class Columns:
    """One upright line for each step in which somebody came, in a box of `steps` by `top`."""

    steps: int
    top: int
    most: int
    path: str


@dataclass(frozen=True, slots=True)
class Hour:
    at: datetime
    count: int
    is_to_come: bool


@dataclass(frozen=True, slots=True)
class Course:
    """A day from its first minute in the drive's zone; `counts` are by minutes since then."""

    begins: datetime
    zone: ZoneInfo
    length: int
    so_far: int
    counts: Mapping[int, int]

    @property
    def by_minute(self) -> Columns:
        return self._columns(1)

    @property
    def by_ten(self) -> Columns:
        """The same for a screen with fewer pixels than a day has minutes."""
        return self._columns(TEN)

    @property
    def hours(self) -> list[Hour]:
        sums = self._sums(HOUR)
        return [
            Hour(self.begins + minute * MINUTE, sums.get(minute // HOUR, 0), minute >= self.so_far)
            for minute in range(0, self.length, HOUR)
        ]

    @property
    def ticks(self) -> list[tuple[datetime, str]]:
        """Return each sixth hour on the wall, and where it stands."""
        clocks = [it.at.astimezone(self.zone) for it in self.hours]
        return [(at, self.place(at)) for at in clocks if at.hour % TICK_HOURS == 0]

    @property
    def passed(self) -> str:
        return self._across(self.so_far)

    def place(self, at: datetime | None) -> str:
        """Say how far across a moment of this day stands, in per cent; nothing of another day."""
        minute = (at - self.begins) / MINUTE if at else -1
        return self._across(minute) if 0 <= minute < self.length else ""

    def _across(self, minute: float) -> str:
        return f"{100 * minute / self.length:.2f}%"

    def _columns(self, step: int) -> Columns:
        sums = self._sums(step)
        most = max((0, *sums.values()))
        path = "".join(f"M{at} 0V{count}" for at, count in sorted(sums.items()) if count > 0)
        return Columns(self.length // step, max(LOWEST_TOP, most), most, path)

    def _sums(self, step: int) -> dict[int, int]:
        sums: dict[int, int] = {}
        for minute, count in self.counts.items():
            sums[minute // step] = sums.get(minute // step, 0) + count
        return sums


_kept: dict[tuple[int, date], Kept[dict[datetime, int]]] = {}
forget = _kept.clear


def of(*, drive: Drive, totals: Totals) -> Course | None:
    """Return the day that is on, or the last one that was; None before the first begins.

    A process reads the day once in KEPT_SECONDS, whatever the number of askers.
    """
    now, day = totals.as_of, drive.day_at(totals.as_of)
    begin, end = drive.span_of(day)
    if now < begin:
        return None
    found = _read(drive, day) | dict(totals.minutes)
    return Course(
        begins=begin,
        zone=drive.zone,
        length=(end - begin) // MINUTE,
        so_far=min(end - begin, now - begin + MINUTE) // MINUTE,
        counts={(at - begin) // MINUTE: it for at, it in found.items() if begin <= at < end},
    )


def _read(drive: Drive, day: date) -> dict[datetime, int]:
    if (drive.id, day) not in _kept:
        _kept.clear()  # of one day: this one
    begin, end = drive.span_of(day)
    kept = _kept.setdefault((drive.id, day), Kept(seconds=KEPT_SECONDS))
    return kept.get(lambda: minutes.between(drive=drive, begin=begin, end=end))
