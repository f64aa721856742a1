"""Where today is heading, from its full hours; silent where there is too little to tell."""

from dataclasses import dataclass
from datetime import datetime
from math import ceil

from partners import forecasts
from partners.day_shapes import DayShape
from partners.forecasts import Hours
from recruit import utc


@dataclass(frozen=True, slots=True)
class Pace:
    """If people go on coming as in the last full hours.

    `goal_at`: when the goal would be reached, if that is before midnight.
    """

    by_midnight: int
    hours: int
    goal_at: datetime | None


def forecast(
    *, hours: Hours, shape: DayShape, ends_at: datetime, to_go: int, now: datetime
) -> Pace | None:
    """Return where today's count will stand at midnight, as forecasts.make says it.

    `hours` are today's, with what counts for the goal in each, the running one included.
    """
    said = forecasts.make(hours=hours, shape=shape, ends_at=ends_at, now=now)
    if not said:
        return None
    goal_at = _goal_at(to_go, said.rate, now, ends_at)
    return Pace(by_midnight=said.likely, hours=said.hours, goal_at=goal_at)


def _goal_at(to_go: int, rate: float, now: datetime, ends_at: datetime) -> datetime | None:
    """Name the full quarter of an hour after which the goal is reached."""
    if not to_go or to_go / rate > (ends_at - now) / utc.HOUR:
        return None
    quarter = utc.HOUR / 4
    at = now + utc.HOUR * (to_go / rate)
    begin = at.replace(minute=0, second=0, microsecond=0)
    return min(begin + quarter * ceil((at - begin) / quarter), ends_at)
