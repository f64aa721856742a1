"""What each link brought in each hour: the sums that every chart and every day is drawn from."""

from datetime import datetime
from typing import NamedTuple

from django.db.backends.utils import CursorWrapper

from partners import local_days

# Of `stood_at`, the lines that a fold has just counted, each with the moment it counts at.
CAME = f"""
sums AS (
    SELECT drive_id, partner_id, link_id, counts_as AS kind, {local_days.HOUR} AS hour_at,
        sum(amount) AS value
    FROM stood_at GROUP BY 1, 2, 3, 4, 5
)
"""  # noqa: S608 - put together from our own statements, here and below
ADD = """
added AS (
    INSERT INTO partners_tally (drive_id, partner_id, link_id, kind, hour_at, value)
    SELECT drive_id, partner_id, link_id, kind, hour_at, value FROM sums
    ORDER BY drive_id, kind, hour_at, link_id
    ON CONFLICT (drive_id, kind, hour_at, COALESCE(link_id, 0::bigint))
    DO UPDATE SET partner_id = excluded.partner_id, value = partners_tally.value + excluded.value
)
"""
DRIFT = f"""
WITH counted AS (
    SELECT drive_id, partner_id, link_id, counts_as AS kind, {local_days.HOUR} AS hour_at,
        sum(amount)::int AS value
    FROM {local_days.placed("partners_credit")} AS line WHERE counted_at IS NOT NULL
    GROUP BY 1, 2, 3, 4, 5
)
SELECT COALESCE(told.drive_id, counted.drive_id), COALESCE(told.partner_id, counted.partner_id),
    COALESCE(told.link_id, counted.link_id), COALESCE(told.kind, counted.kind),
    COALESCE(told.hour_at, counted.hour_at), COALESCE(told.value, 0), COALESCE(counted.value, 0)
FROM counted FULL JOIN partners_tally AS told
    ON told.drive_id = counted.drive_id AND told.kind = counted.kind
    AND told.hour_at = counted.hour_at
    AND COALESCE(told.link_id, 0) = COALESCE(counted.link_id, 0)
    AND COALESCE(told.partner_id, 0) = COALESCE(counted.partner_id, 0)
WHERE COALESCE(told.value, 0) <> COALESCE(counted.value, 0)
"""  # noqa: S608
# What stands under the wrong partner is two drifts of one tally: too much there, too little here.
REPAIR = f"""
WITH sums AS (
    SELECT drive_id, link.partner_id, link_id, kind, hour_at, sum(value)::int AS value
    FROM unnest(%s::bigint[], %s::bigint[], %s::varchar[], %s::timestamptz[], %s::int[])
        AS wrong (drive_id, link_id, kind, hour_at, value)
    LEFT JOIN partners_referrallink AS link ON link.id = link_id GROUP BY 1, 2, 3, 4, 5
), {ADD}
SELECT 1
"""  # noqa: S608


class Drift(NamedTuple):
    """A tally that differs from the sum of its counted lines."""

    drive_id: int
    partner_id: int | None
    link_id: int | None
    kind: str
    hour_at: datetime
    told: int
    counted: int

    @property
    def place(self) -> str:
        return self.hour_at.isoformat(" ", "minutes")


def drift(*, cursor: CursorWrapper) -> list[Drift]:
    """Return where the tallies and the counted ledger differ: nowhere, or it is an alarm."""
    cursor.execute(DRIFT)
    return [Drift(*row) for row in cursor.fetchall()]


def repair(*, cursor: CursorWrapper, wrong: list[Drift]) -> None:
    """Set these tallies right, under the fold's lock."""
    rows = [(it.drive_id, *it[2:5], it.counted - it.told) for it in wrong]
    if rows:
        cursor.execute(REPAIR, [list(column) for column in zip(*rows, strict=True)])
