"""What each link brought to a drive in all: kept beside the tallies, so that nobody adds up hours.

The fold compares every open milestone with them each second. With 500 partners after thirty days
their tallies are half a million rows, these are 1,300: bench/README.md has the times.
"""

from typing import NamedTuple

from django.db.backends.utils import CursorWrapper

# Adds `sums`: what a fold has just counted, by drive, partner, link, kind and hour.
ADD = """
in_all AS (
    INSERT INTO partners_total (drive_id, partner_id, link_id, kind, value)
    SELECT drive_id, partner_id, link_id, kind, sum(value) FROM sums GROUP BY 1, 2, 3, 4
    ORDER BY drive_id, kind, link_id
    ON CONFLICT (drive_id, kind, COALESCE(link_id, 0::bigint))
    DO UPDATE SET partner_id = excluded.partner_id, value = partners_total.value + excluded.value
)
"""

DRIFT = """
WITH counted AS (
    SELECT drive_id, partner_id, link_id, counts_as AS kind, sum(amount)::int AS value
    FROM partners_credit WHERE counted_at IS NOT NULL GROUP BY 1, 2, 3, 4
)
SELECT COALESCE(told.drive_id, counted.drive_id), COALESCE(told.partner_id, counted.partner_id),
    COALESCE(told.link_id, counted.link_id), COALESCE(told.kind, counted.kind),
    COALESCE(told.value, 0), COALESCE(counted.value, 0)
FROM counted FULL JOIN partners_total AS told
    ON told.drive_id = counted.drive_id AND told.kind = counted.kind
    AND COALESCE(told.link_id, 0) = COALESCE(counted.link_id, 0)
    AND COALESCE(told.partner_id, 0) = COALESCE(counted.partner_id, 0)
WHERE COALESCE(told.value, 0) <> COALESCE(counted.value, 0)
"""

# What stands under the wrong partner is two drifts of one total: too much there, too little here.
REPAIR = f"""
WITH sums AS (
    SELECT drive_id, link.partner_id, link_id, kind, sum(value)::int AS value
    FROM unnest(%s::bigint[], %s::bigint[], %s::varchar[], %s::int[])
        AS wrong (drive_id, link_id, kind, value)
    LEFT JOIN partners_referrallink AS link ON link.id = link_id GROUP BY 1, 2, 3, 4
), {ADD}
SELECT 1
"""  # noqa: S608 - put together from the statements above


class Drift(NamedTuple):
    """A total that differs from the sum of its counted lines."""

    drive_id: int
    partner_id: int | None
    link_id: int | None
    kind: str
    told: int
    counted: int

    @property
    def place(self) -> str:
        return ""


def drift(*, cursor: CursorWrapper) -> list[Drift]:
    """Return where the totals and the counted ledger differ: nowhere, or it is an alarm."""
    cursor.execute(DRIFT)
    return [Drift(*row) for row in cursor.fetchall()]


def repair(*, cursor: CursorWrapper, wrong: list[Drift]) -> None:
    """Set these totals right, under the fold's lock."""
    rows = [(it.drive_id, *it[2:4], it.counted - it.told) for it in wrong]
    if rows:
        cursor.execute(REPAIR, [list(column) for column in zip(*rows, strict=True)])
