"""How many came in each minute, whatever the clock they count by: what the big screen draws.

Read from the ledger, a day of a million lines took two seconds; its 1,440 minutes take one or two
thousandths of that.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.backends.utils import CursorWrapper

from partners.models import Drive, MinuteTally

MINUTE = timedelta(minutes=1)
OF_THE_LAST_HOUR = 60

# In UTC whatever the session's zone. Of `stood_at`, the lines that a fold has just counted.
BEGIN = "date_trunc('minute', at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'"
CAME = f"""
of_minutes AS (
    SELECT drive_id, counts_as AS kind, {BEGIN} AS minute_at, sum(amount) AS value
    FROM stood_at GROUP BY 1, 2, 3
)
"""  # noqa: S608 - put together from our own statements, here and below
ADD = """
in_minutes AS (
    INSERT INTO partners_minutetally (drive_id, kind, minute_at, value)
    SELECT drive_id, kind, minute_at, value FROM of_minutes ORDER BY 1, 2, 3
    ON CONFLICT ON CONSTRAINT minute_tally_once
    DO UPDATE SET value = partners_minutetally.value + excluded.value
)
"""
DRIFT = f"""
WITH counted AS (
    SELECT drive_id, counts_as AS kind, {BEGIN} AS minute_at, sum(amount)::int AS value
    FROM partners_credit WHERE counted_at IS NOT NULL GROUP BY 1, 2, 3
)
SELECT drive_id, kind, minute_at, COALESCE(told.value, 0), COALESCE(counted.value, 0)
FROM counted FULL JOIN partners_minutetally AS told USING (drive_id, kind, minute_at)
WHERE COALESCE(told.value, 0) <> COALESCE(counted.value, 0)
"""  # noqa: S608
REPAIR = f"""
WITH of_minutes AS (
    SELECT * FROM unnest(%s::bigint[], %s::varchar[], %s::timestamptz[], %s::int[])
        AS wrong (drive_id, kind, minute_at, value)
), {ADD}
SELECT 1
"""  # noqa: S608


class Drift(NamedTuple):
    """A minute that differs from the sum of its counted lines."""

    drive_id: int
    kind: str
    minute_at: datetime
    told: int
    counted: int

    @property
    def place(self) -> str:
        return self.minute_at.isoformat(" ", "minutes")


def between(*, drive: Drive, begin: datetime, end: datetime) -> dict[datetime, int]:
    """Return the minutes in which somebody came or was taken back: one query."""
    tallies = MinuteTally.objects.filter(drive=drive, kind=drive.counts)
    of_these = tallies.filter(minute_at__gte=begin, minute_at__lt=end)
    return dict(of_these.values_list("minute_at", "value"))


def of_the_last_hour(*, drive: Drive, now: datetime) -> tuple[tuple[datetime, int], ...]:
    """Return the last hour, oldest minute first, empty minutes too."""
    end = now.replace(second=0, microsecond=0) + MINUTE
    begin = end - OF_THE_LAST_HOUR * MINUTE
    found = between(drive=drive, begin=begin, end=end)
    steps = (begin + step * MINUTE for step in range(OF_THE_LAST_HOUR))
    return tuple((minute, found.get(minute, 0)) for minute in steps)


def drift(*, cursor: CursorWrapper) -> list[Drift]:
    """Return where the minutes and the counted ledger differ: nowhere, or it is an alarm."""
    cursor.execute(DRIFT)
    return [Drift(*row) for row in cursor.fetchall()]


def repair(*, cursor: CursorWrapper, wrong: list[Drift]) -> None:
    """Set these minutes right, under the fold's lock."""
    rows = [(*it[:3], it.counted - it.told) for it in wrong]
    if rows:
        cursor.execute(REPAIR, [list(column) for column in zip(*rows, strict=True)])
