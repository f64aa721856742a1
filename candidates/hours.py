"""Polite hours: when a mail may ring on somebody's phone, by the clock on their own wall."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


class NoSuchHours(ValueError):
    """Hours that no day holds, or that reach over midnight."""


def polite(*, at: datetime, zone: ZoneInfo, from_hour: int, until_hour: int) -> datetime:
    """Return the first moment not before `at` that lies in [from, until) of its local day.

    A moment that lies there already comes back as it is. Hours that a change of the clocks skips
    don't happen that day: the rest of the span is used, and where nothing is left, the next day's.
    """
    if not 0 <= from_hour < until_hour <= 24:
        raise NoSuchHours(f"from {from_hour} until {until_hour} is no span of one day")
    local = at.astimezone(zone)
    if from_hour <= local.hour < until_hour:
        return at
    openings = (_opening(local, days=days, hour=from_hour) for days in range(3))
    return next(
        opening
        for opening in openings
        if opening >= at and from_hour <= opening.astimezone(zone).hour < until_hour
    )


def _opening(local: datetime, *, days: int, hour: int) -> datetime:
    """The first time that the clock shows this hour: of a repeated one the first, of a skipped one
    the moment that the clocks change (PEP 495: fold=0)."""
    day = local.date() + timedelta(days=days)
    return datetime.combine(day, time(hour), tzinfo=local.tzinfo).astimezone(UTC)
