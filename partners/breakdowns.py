"""A partner's sign-ups by state and by office, told so that nobody is found by comparing views.

What is shown follows what is counted only when MOVED people of one dimension have come or gone
since, and then in whole fives. Smaller cells, and people who named none, are never told apart.
docs/portal.md says what that protects, and what it cannot.
"""

from dataclasses import dataclass
from typing import NamedTuple

from django.db.backends.utils import CursorWrapper

from partners.models import BreakdownTally, Drive, Partner

MOVED = STEP = 5

# Of `stamped`, the lines that a fold has just counted.
CAME = """
came AS (
    SELECT drive_id, partner_id, place.dimension, place.name, sum(amount)::int AS value
    FROM stamped
    CROSS JOIN LATERAL (VALUES ('state', state), ('office', office)) AS place (dimension, name)
    WHERE counts_as = 'signed_up' AND partner_id IS NOT NULL
    GROUP BY 1, 2, 3, 4
)
"""

# Adds `came`, and publishes a dimension whole or not at all. The fold's lock keeps others out
# between the look and the writing. Each dimension is judged by itself: together they would count
# everyone twice.
ADD = f"""
stood AS (
    SELECT drive_id, partner_id, dimension, name, sum(value)::int AS value,
        sum(published)::int AS published, bool_or(is_new) AS is_touched
    FROM (
        SELECT drive_id, partner_id, dimension, name, value, 0 AS published, true AS is_new
        FROM came
        UNION ALL
        SELECT drive_id, partner_id, dimension, name, value, published, false
        FROM partners_breakdowntally
        WHERE (drive_id, partner_id) IN (SELECT drive_id, partner_id FROM came)
    ) AS both_of_them GROUP BY 1, 2, 3, 4
), judged AS (
    SELECT *, sum(abs(value - published)) OVER (PARTITION BY drive_id, partner_id, dimension)
        >= {MOVED} AS is_due
    FROM stood
), broken_down AS (
    INSERT INTO partners_breakdowntally (drive_id, partner_id, dimension, name, value, published)
    SELECT drive_id, partner_id, dimension, name, value,
        CASE WHEN is_due THEN value ELSE published END
    FROM judged WHERE is_touched OR (is_due AND value <> published)
    ORDER BY 1, 2, 3, 4
    ON CONFLICT ON CONSTRAINT breakdown_once_per_name
    DO UPDATE SET value = excluded.value, published = excluded.published
)
"""  # noqa: S608 - the numbers are ours

DRIFT = """
WITH counted AS (
    SELECT drive_id, partner_id, place.dimension, place.name, sum(amount)::int AS value
    FROM partners_credit
    CROSS JOIN LATERAL (VALUES ('state', state), ('office', office)) AS place (dimension, name)
    WHERE counted_at IS NOT NULL AND counts_as = 'signed_up' AND partner_id IS NOT NULL
    GROUP BY 1, 2, 3, 4
)
SELECT drive_id, partner_id, dimension, name, COALESCE(told.value, 0), COALESCE(counted.value, 0)
FROM counted FULL JOIN partners_breakdowntally AS told
    USING (drive_id, partner_id, dimension, name)
WHERE COALESCE(told.value, 0) <> COALESCE(counted.value, 0)
"""

REPAIR = f"""
WITH came AS (
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::varchar[], %s::varchar[], %s::int[])
        AS wrong (drive_id, partner_id, dimension, name, value)
), {ADD}
SELECT 1
"""  # noqa: S608 - put together from the statements above


class Drift(NamedTuple):
    """A cell that differs from the sum of its counted lines."""

    drive_id: int
    partner_id: int
    dimension: str
    name: str
    told: int
    counted: int

    @property
    def place(self) -> str:
        return f"{self.dimension} {self.name}"


def drift(*, cursor: CursorWrapper) -> list[Drift]:
    """Return where the breakdowns and the counted ledger differ: nowhere, or it is an alarm."""
    cursor.execute(DRIFT)
    return [Drift(*row) for row in cursor.fetchall()]


def repair(*, cursor: CursorWrapper, wrong: list[Drift]) -> None:
    """Set these cells right, under the fold's lock; what is shown follows by the same rule."""
    rows = [(*it[:4], it.counted - it.told) for it in wrong]
    if rows:
        cursor.execute(REPAIR, [list(column) for column in zip(*rows, strict=True)])


@dataclass(frozen=True, slots=True)
class Cell:
    """A state or an office, and how many came from there at least: in whole fives."""

    name: str
    at_least: int


@dataclass(frozen=True, slots=True)
class Breakdown:
    """What may be shown, most first. Whoever is not in it is not told apart, not even counted."""

    states: tuple[Cell, ...] = ()
    offices: tuple[Cell, ...] = ()


def read(*, partner: Partner, drive: Drive) -> Breakdown:
    """Return what this partner may see: one query, of a row for each state and office."""
    rows = BreakdownTally.objects.filter(drive=drive, partner=partner, published__gte=STEP)
    found = list(rows.values_list("dimension", "name", "published"))
    return Breakdown(
        states=_cells(found, BreakdownTally.Dimension.STATE),
        offices=_cells(found, BreakdownTally.Dimension.OFFICE),
    )


def _cells(rows: list[tuple[str, str, int]], dimension: str) -> tuple[Cell, ...]:
    """Leave out who named none: since that many may always be there, no cell is known by what
    is missing from the total."""
    cells = [Cell(name, value // STEP * STEP) for of, name, value in rows if of == dimension]
    return tuple(sorted((it for it in cells if it.name), key=lambda it: (-it.at_least, it.name)))
