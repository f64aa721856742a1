"""Where a count is heading, with its range; silent where there is too little to tell.

If people go on coming as in the last full hours. The range holds the truth four times in five, as
long as hours differ from one another as they did so far: an hour of television is outside of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from math import sqrt

HOUR = timedelta(hours=1)
# Mornings and evenings differ: the last hours say more of the next ones than the whole day does.
RECENT_HOURS = 3
FEWEST = 5
# Of a normal distribution, this many standard deviations to either side hold 80 %.
FOUR_IN_FIVE = 1.28

Hours = Sequence[tuple[datetime, int]]


@dataclass(frozen=True, slots=True)
class Forecast:
    """`likely` people at `ends_at`, four times in five between `low` and `high`.

    `rate` is people an hour, of so many `hours`. What is to come is said in two digits.
    """

    made_at: datetime
    ends_at: datetime
    likely: int
    low: int
    high: int
    rate: float
    hours: int


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


def make(*, hours: Hours, ends_at: datetime, now: datetime) -> Forecast | None:
    """Say where the count will stand at `ends_at`; None before one full hour and FEWEST.

    `hours` are those of the count so far, oldest first, the running one included.
    """
    full = [count for at, count in hours if at + HOUR <= now]
    recent = full[-RECENT_HOURS:]
    if sum(recent) < FEWEST:
        return None
    so_far = sum(count for _at, count in hours)
    rate = sum(recent) / len(recent)
    left = max(0.0, (ends_at - now) / HOUR)
    # What is left differs by itself, and the rate is a guess from a few hours.
    spread = FOUR_IN_FIVE * sqrt(_swing(full, rate) * (left + left * left / len(recent)))
    coming = rate * left
    return Forecast(
        made_at=now,
        ends_at=ends_at,
        likely=so_far + plain(coming),
        low=so_far + plain(max(0.0, coming - spread)),
        high=so_far + plain(coming + spread),
        rate=rate,
        hours=len(recent),
    )


def _swing(full: Sequence[int], rate: float) -> float:
    """Return the variance of an hour: from each hour to the next, and never below chance itself.

    Neighbours are compared, because a day that rises and falls is no surprise.
    """
    steps = [(later - earlier) ** 2 for earlier, later in pairwise(full)]
    return max(rate, sum(steps) / (2 * len(steps)) if steps else 0.0)


def hindsight(*, hours: Hours, ends_at: datetime, now: datetime) -> list[Hindsight]:
    """Return what would have been said at the end of each hour of this day, oldest first.

    Said of midnight once the day is over, and of this moment while it runs.
    """
    of, came = min(ends_at, now), sum(count for _at, count in hours)
    told = []
    for number, (at, _count) in enumerate(hours, 1):
        made_at = at + HOUR
        if made_at < of and (said := make(hours=hours[:number], ends_at=of, now=made_at)):
            told.append(Hindsight(said, came))
    return told


def plain(number: float) -> int:
    """Keep two digits: more would pretend to know."""
    whole = int(number)
    return round(whole, min(0, 2 - len(str(whole))))
