"""Where today is heading, from its full hours; silent where there is too little to tell."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

HOUR = timedelta(hours=1)
# Mornings and evenings differ: the last hours say more of the next ones than the whole day does.
RECENT_HOURS = 3
FEWEST = 5


@dataclass(frozen=True, slots=True)
class Pace:
    """If people go on coming as in the last full hours.

    `goal_at`: when the goal would be reached, if that is before midnight.
    """

    by_midnight: int
    hours: int
    goal_at: datetime | None


def forecast(
    *, hours: Sequence[tuple[datetime, int]], ends_at: datetime, to_go: int, now: datetime
) -> Pace | None:
    """Return where today's count will stand at midnight; none before one full hour and FEWEST.

    `hours` are today's, with what counts for the goal in each, the running one included.
    """
    full = [count for at, count in hours if at + HOUR <= now]
    recent = full[-RECENT_HOURS:]
    if sum(recent) < FEWEST:
        return None
    today = sum(count for _at, count in hours)
    rate = sum(recent) / len(recent)
    left = (ends_at - now) / HOUR
    return Pace(
        by_midnight=today + _plain(rate * left),
        hours=len(recent),
        goal_at=_goal_at(to_go, rate, now, ends_at),
    )


def _plain(number: float) -> int:
    """Keep two digits: more would pretend to know."""
    whole = int(number)
    return round(whole, min(0, 2 - len(str(whole))))


def _goal_at(to_go: int, rate: float, now: datetime, ends_at: datetime) -> datetime | None:
    """Name the full quarter of an hour after which the goal is reached."""
    if not to_go or to_go / rate > (ends_at - now) / HOUR:
        return None
    quarter = HOUR / 4
    at = now + HOUR * (to_go / rate)
    begin = at.replace(minute=0, second=0, microsecond=0)
    return min(begin + quarter * ceil((at - begin) / quarter), ends_at)
