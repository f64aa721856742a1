"""What each state brought to a drive, by days: what the map of `/live/` is drawn from."""

from datetime import date
from typing import NamedTuple

from django.db.backends.utils import CursorWrapper
from django.db.models import Q, Sum
from django.db.models.functions import Coalesce

from partners import local_days
from partners.models import Drive, StateTally

# Of `stood_at`, the lines that a fold has just counted, each with the moment it counts at.
CAME = f"""
of_states AS (
    SELECT drive_id, counts_as AS kind, state, {local_days.DAY} AS day_on, sum(amount) AS value
    FROM stood_at GROUP BY 1, 2, 3, 4
)
"""  # noqa: S608 - put together from our own statements, here and below
ADD = """
in_states AS (
    INSERT INTO partners_statetally (drive_id, kind, state, day_on, value)
    SELECT drive_id, kind, state, day_on, value FROM of_states ORDER BY 1, 2, 4, 3
    ON CONFLICT ON CONSTRAINT state_tally_once_per_day
    DO UPDATE SET value = partners_statetally.value + excluded.value
)
"""
DRIFT = f"""
WITH counted AS (
    SELECT drive_id, counts_as AS kind, state, {local_days.DAY} AS day_on, sum(amount)::int AS value
    FROM {local_days.placed("partners_credit")} AS line WHERE counted_at IS NOT NULL
    GROUP BY 1, 2, 3, 4
)
SELECT drive_id, kind, state, day_on, COALESCE(told.value, 0), COALESCE(counted.value, 0)
FROM counted FULL JOIN partners_statetally AS told USING (drive_id, kind, state, day_on)
WHERE COALESCE(told.value, 0) <> COALESCE(counted.value, 0)
"""  # noqa: S608
REPAIR = f"""
WITH of_states AS (
    SELECT * FROM unnest(%s::bigint[], %s::varchar[], %s::varchar[], %s::date[], %s::int[])
        AS wrong (drive_id, kind, state, day_on, value)
), {ADD}
SELECT 1
"""  # noqa: S608


class Drift(NamedTuple):
    """A state's day that differs from the sum of its counted lines."""

    drive_id: int
    kind: str
    state: str
    day_on: date
    told: int
    counted: int

    @property
    def place(self) -> str:
        return f"{self.state} {self.day_on}"


class State(NamedTuple):
    """What one state brought; "" is nobody's state: it was not known."""

    name: str
    on_the_day: int
    in_all: int


def by_state(*, drive: Drive) -> tuple[State, ...]:
    """Return what each state brought of what this drive counts: one query of a row per state.

    Exact, so not for the public as it is: a few people who run for office are found by a small
    number beside a state's name, or beside the others'. Whoever shows it goes by maps.told.
    """
    tallies = StateTally.objects.filter(drive=drive, kind=drive.counts)
    day = Q(day_on__gte=drive.day_on, day_on__lt=drive.next_day_on)
    sums = tallies.values_list("state").annotate(
        on_the_day=Coalesce(Sum("value", filter=day), 0), in_all=Sum("value")
    )
    return tuple(State(*row) for row in sums.order_by("state"))


def drift(*, cursor: CursorWrapper) -> list[Drift]:
    """Return where the states' days and the counted ledger differ: nowhere, or it is an alarm."""
    cursor.execute(DRIFT)
    return [Drift(*row) for row in cursor.fetchall()]


def repair(*, cursor: CursorWrapper, wrong: list[Drift]) -> None:
    """Set these days right, under the fold's lock."""
    rows = [(*it[:4], it.counted - it.told) for it in wrong]
    if rows:
        cursor.execute(REPAIR, [list(column) for column in zip(*rows, strict=True)])
