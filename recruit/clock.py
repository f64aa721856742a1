"""The clock of the database: one for all who compare their times in it.

A worker whose own clock is a minute ahead would find every lease run out, and send again what
another is sending.
"""

from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from recruit.memory import Kept

KEPT_SECONDS = 5.0

_ahead: Kept[timedelta] = Kept(seconds=KEPT_SECONDS)


def now() -> datetime:
    """Return what that clock shows: off by a round trip at most, it was asked a moment ago."""
    return timezone.now() + _ahead.get(_measure)


def _measure() -> timedelta:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        at: datetime = cursor.fetchone()[0]
    return at - timezone.now()
