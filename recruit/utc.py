"""Hours of UTC, of which days are summed: in a zone, one is lost and one is double each year."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

HOUR = timedelta(hours=1)


def hours(begin: datetime, end: datetime) -> Iterator[datetime]:
    """Yield each hour from `begin` until before `end`: 23 to 25 of a day."""
    at = begin.astimezone(UTC)
    while at < end:
        yield at
        at += HOUR
