"""Where a count is heading, with its range; silent where there is too little to tell.

If people go on coming as in the last full hours, and the hours share the day as partners.day_shapes
says. Where that shape was seen, in the last drive, the range holds the truth four times in five
(tests/partners/test_forecasts.py): an hour of television is outside of it. Where the shape is a
guess nobody can say how often, and the range is another thing: at half the pace, at half again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from math import sqrt

from partners.day_shapes import DayShape
from recruit import utc

# Mornings and evenings differ: the last hours say more of the next ones than the whole day does.
RECENT_HOURS = 3
# Of people, and of the day: with less nobody can tell a slow day from a late one.
FEWEST = 5
LEAST_OF_DAY = 0.1
# Of a normal distribution, this many standard deviations to either side hold 80 %.
FOUR_IN_FIVE = 1.28
# So far, as a standard deviation, what is left of a day was from the last one's, in the days that
# the tests invent.
OF_SHAPE = 0.2
SLOW, FAST = 0.5, 1.5

Hours = Sequence[tuple[datetime, int]]


@dataclass(frozen=True, slots=True)
class Forecast:
    """`likely` people at `ends_at`; with `is_known` four times in five between `low` and `high`.

    Otherwise these are what half of the pace and half as much again would give. `rate` is people
    an hour, of so many `hours`. What is to come is said in two digits.
    """

    made_at: datetime
    ends_at: datetime
    likely: int
    low: int
    high: int
    rate: float
    hours: int
    is_known: bool


@dataclass(frozen=True, slots=True)
class Hindsight:
    """What was said once, and what came of it."""

    said: Forecast
    came: int

    @property
    def is_in_range(self) -> bool:
        return self.said.low <= self.came <= self.said.high

    @property
    def off_by(self) -> int:
        """By how many people the truth was above what was said; below zero: under it."""
        return self.came - self.said.likely


def make(*, hours: Hours, shape: DayShape, ends_at: datetime, now: datetime) -> Forecast | None:
    """Say where the count will stand at `ends_at`; None before FEWEST and LEAST_OF_DAY.

    `hours` are those of the count so far, oldest first, the running one included.
    """
    full = [(count, shape.parts[at]) for at, count in hours if at + utc.HOUR <= now]
    number = _enough(full)
    if not number:
        return None
    came, part = (sum(each) for each in zip(*full[-number:], strict=True))
    so_far = sum(count for _at, count in hours)
    left = shape.between(now, ends_at)
    coming = came * left / part
    if shape.is_known:
        # What is left differs by itself, its sum is a guess from a few hours, and days differ.
        chance = _swing(full) * coming * (1 + left / part)
        spread = FOUR_IN_FIVE * sqrt(chance + (OF_SHAPE * coming) ** 2)
        low, high = max(0.0, coming - spread), coming + spread
    else:
        low, high = SLOW * coming, FAST * coming
    return Forecast(
        made_at=now,
        ends_at=ends_at,
        likely=so_far + plain(coming),
        low=so_far + plain(low),
        high=so_far + plain(high),
        rate=came / number,
        hours=number,
        is_known=shape.is_known,
    )


def _enough(full: Sequence[tuple[int, float]]) -> int:
    """Return how many of the last hours have people enough and are enough of the day; 0: none."""
    came, part = 0, 0.0
    for number, (count, its_part) in enumerate(reversed(full), 1):
        came, part = came + count, part + its_part
        if number >= min(RECENT_HOURS, len(full)) and came >= FEWEST and part >= LEAST_OF_DAY:
            return number
    return 0


def _swing(full: Sequence[tuple[int, float]]) -> float:
    """Return how many times wilder than chance hours go from one to the next; never tamer.

    Neighbours are compared by how they share their people, because a day that rises and falls as
    its shape does is no surprise.
    """
    found = []
    for (earlier, its_part), (later, part) in pairwise(full):
        both, of_later = earlier + later, part / ((its_part + part) or 1)
        if both and 0 < of_later < 1:
            found.append((later - both * of_later) ** 2 / (both * of_later * (1 - of_later)))
    return max(1.0, sum(found) / len(found)) if found else 1.0


def hindsight(
    *, hours: Hours, shape: DayShape, ends_at: datetime, now: datetime
) -> list[Hindsight]:
    """Return what would have been said at the end of each hour of this day, oldest first.

    Said of midnight once the day is over, and of this moment while it runs.
    """
    of, came = min(ends_at, now), sum(count for _at, count in hours)
    told = []
    for number, (at, _count) in enumerate(hours, 1):
        made_at = at + utc.HOUR
        if made_at >= of:
            break
        if said := make(hours=hours[:number], shape=shape, ends_at=of, now=made_at):
            told.append(Hindsight(said, came))
    return told


def plain(number: float) -> int:
    """Keep two digits: more would pretend to know."""
    whole = int(number)
    return round(whole, min(0, 2 - len(str(whole))))
