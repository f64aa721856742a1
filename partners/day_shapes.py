"""How a day's sign-ups are spread over its hours: as the last drive's were, else as days go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from recruit import utc

# Our guess, until a drive has shown it: asleep until seven, and one in ten is up all the same.
NIGHT = range(7)
OF_NIGHT = 0.1
# Of fewer people the hours show chance, and no day.
FEWEST = 100


@dataclass(frozen=True, slots=True)
class DayShape:
    """Of each hour, by the moment it begins, its part of the day; together they are 1.

    `is_known`: a day went like this. Otherwise it is a guess.
    """

    parts: Mapping[datetime, float]
    is_known: bool

    def between(self, begin: datetime, end: datetime) -> float:
        """Return which part of the day comes from `begin` to `end`."""
        return sum(
            part * max(0.0, (min(at + utc.HOUR, end) - max(at, begin)) / utc.HOUR)
            for at, part in self.parts.items()
        )


def find(*, hours: Sequence[datetime], zone: ZoneInfo, before: Sequence[int] | None) -> DayShape:
    """Return the shape of a day with these hours: as `before`, where it had people enough."""
    if before and sum(before) >= FEWEST:
        return _of(hours, before, is_known=True)
    night = [at.astimezone(zone).hour in NIGHT for at in hours]
    return _of(hours, [OF_NIGHT if it else 1.0 for it in night], is_known=False)


def _of(hours: Sequence[datetime], weights: Sequence[float], *, is_known: bool) -> DayShape:
    whole = sum(weights)
    return DayShape(
        {at: it / whole for at, it in zip(hours, weights, strict=True)}, is_known=is_known
    )
