"""Stamps each milestone once: with the line that took its total to the target."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from partners import local_days
from partners.models import Drive, Milestone

WAITING = """
SELECT id, scope, partner_id, target FROM partners_milestone
WHERE drive_id = %(drive_id)s AND reached_at IS NULL
"""
ONE = "SELECT 0, %(scope)s::varchar, %(partner_id)s::bigint, 0"


def _compared(milestones: str) -> str:
    """Return the query of these milestones, each with the `total` that its target is held against.

    Of ten thousand partners with a goal each, only what they brought is added up. What all brought
    is the sum of the states: a few rows, where the day's tallies of so many links are 90,000.
    """
    return f"""
WITH milestone (id, scope, partner_id, target) AS MATERIALIZED ({milestones}), of_partners AS (
    SELECT 'cumulative' AS scope, partner_id, sum(value) AS value FROM partners_total
    WHERE drive_id = %(drive_id)s AND kind = %(kind)s
        AND partner_id IN (SELECT partner_id FROM milestone WHERE scope = 'cumulative')
    GROUP BY 2
    UNION ALL
    SELECT 'day', partner_id, sum(value) FROM partners_tally
    WHERE drive_id = %(drive_id)s AND kind = %(kind)s
        AND hour_at >= %(begin)s AND hour_at < %(end)s
        AND partner_id IN (SELECT partner_id FROM milestone WHERE scope = 'day')
    GROUP BY 2
), of_all AS (
    SELECT sum(value) AS in_all, sum(value) FILTER (
        WHERE day_on >= %(day_on)s AND day_on < %(next_day_on)s) AS on_the_day
    FROM partners_statetally WHERE drive_id = %(drive_id)s AND kind = %(kind)s
)
SELECT milestone.*, CASE
    WHEN partner_id IS NOT NULL THEN COALESCE(of_partners.value, 0)
    WHEN milestone.scope = 'day' THEN COALESCE(on_the_day, 0)
    ELSE %(baseline)s + COALESCE(in_all, 0) END::int AS total
FROM milestone CROSS JOIN of_all LEFT JOIN of_partners USING (scope, partner_id)
"""  # noqa: S608 - put together from our own statements, here and below


# Passed and lost again within the batch is passed.
DUE = f"""
SELECT id, total FROM ({_compared(WAITING)}) AS compared
WHERE total + %(taken)s >= target ORDER BY id
"""  # noqa: S608
# The line of the batch whose running sum takes the total to the target: that line reached it. One
# of a correction did so when it was written; its own time is that of the sign-up it speaks of.
CROSSING = f"""
SELECT id, reached_at, total FROM (
    SELECT id, amount, CASE WHEN kind IN ('voided', 'reassigned') THEN recorded_at ELSE at END
            AS reached_at,
        %(total)s - sum(amount) OVER () + sum(amount) OVER (ORDER BY id) AS total
    FROM {local_days.placed("partners_credit")} AS line
    WHERE counted_at = %(counted_at)s AND id BETWEEN %(first)s AND %(last)s
        AND drive_id = %(drive_id)s AND counts_as = %(kind)s
        AND (%(begin)s::timestamptz IS NULL OR (moment >= %(begin)s AND moment < %(end)s))
        AND (%(partner_id)s::bigint IS NULL OR partner_id = %(partner_id)s)
) AS running WHERE total >= %(target)s AND total - amount < %(target)s ORDER BY id LIMIT 1
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Batch:
    """What one fold counted for one drive: a range of ledger ids, how many lines, minus lines."""

    drive_id: int
    counted_at: datetime | None = None
    first: int = 0
    last: int = 0
    count: int = 0
    taken: int = 0


def stamp(cursor: CursorWrapper, batch: Batch, now: datetime) -> None:
    """Two queries, however many milestones wait; three more for each that was reached."""
    drive = Drive.objects.get(id=batch.drive_id)
    cursor.execute(DUE, _words(drive) | {"taken": batch.taken})
    for milestone_id, total in cursor.fetchall():
        milestone = Milestone.objects.get(id=milestone_id)
        cursor.execute(CROSSING, _crossing(milestone, drive, batch, total))
        line = cursor.fetchone()
        if line or total >= milestone.target:
            # A target set below what was counted already is reached by no line: by being set.
            line = line or (None, now, total)
            milestone.reached_by_id, milestone.reached_at, milestone.reached_value = line
            milestone.save(update_fields=["reached_by", "reached_at", "reached_value"])


def value(*, milestone: Milestone, drive: Drive) -> int:
    """Return what the milestone's target is compared with, as counted so far."""
    words = {"scope": milestone.scope, "partner_id": milestone.partner_id}
    with connection.cursor() as cursor:
        cursor.execute(_compared(ONE), _words(drive) | words)
        return int(cursor.fetchone()[-1])


def _words(drive: Drive) -> dict[str, Any]:
    begin, end = drive.span
    return {
        "drive_id": drive.id,
        "kind": drive.counts,
        "baseline": drive.baseline,
        "day_on": drive.day_on,
        "next_day_on": drive.next_day_on,
        "begin": begin,
        "end": end,
    }


def _crossing(milestone: Milestone, drive: Drive, batch: Batch, total: int) -> dict[str, Any]:
    begin, end = drive.span if milestone.scope == Milestone.Scope.DAY else (None, None)
    return {
        "counted_at": batch.counted_at,
        "first": batch.first,
        "last": batch.last,
        "drive_id": drive.id,
        "kind": drive.counts,
        "partner_id": milestone.partner_id,
        "begin": begin,
        "end": end,
        "total": total,
        "target": milestone.target,
    }
