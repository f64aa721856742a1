"""One step for many people at once: owed, held back, given back, called off, in bulk."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from candidates import hours, zones
from candidates.models import Candidate, FollowUp, Step
from candidates.models.followups import FollowUpQuerySet

# Each is due in the first polite hour at home, by the beginning of the ZIP code. The sender has the
# last word: for the few codes that read another clock than their neighbours it looks again.
OWE = """
INSERT INTO candidates_followup (id, candidate_id, step_id, lane, anchor_at, due_at, state, why,
    attempts, last_error)
SELECT gen_random_uuid(), person.id, %s::bigint, %s::smallint, %s::timestamptz,
    coalesce(opening.at, %s::timestamptz), 'due', '', 0, ''
FROM ({people}) AS person (id, zip_code)
LEFT JOIN unnest(%s::text[], %s::timestamptz[]) AS opening (prefix, at)
    ON opening.prefix = left(person.zip_code, 3)
WHERE NOT EXISTS (SELECT FROM unnest(%s::uuid[]) AS barred (id) WHERE barred.id = person.id)
ON CONFLICT (candidate_id, step_id) DO NOTHING
"""

# A page waits a few seconds for PostgreSQL: 200,000 rows are changed by ten statements.
AT_ONCE = 20_000

State = FollowUp.State


def owe_all(
    *, step: Step, people: QuerySet[Candidate], barred: Sequence[UUID], now: datetime
) -> int:
    """Owe a step to all of these people but the barred, and say to how many more. Idempotent."""
    chosen, terms = people.order_by().values_list("id", "zip_code").query.sql_with_params()
    prefixes, openings = zip(*_openings(step, now), strict=True)
    places = [list(prefixes), list(openings), list(barred)]
    with connection.cursor() as cursor:
        # Whether they exist is asked now, and not of all of them in the statement that commits.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(OWE.format(people=chosen), [step.id, step.lane, now, now, *terms, *places])
        return int(cursor.rowcount)


def _openings(step: Step, now: datetime) -> Iterator[tuple[str, datetime]]:
    """Say for the beginning of every ZIP code when this step may leave there."""
    for prefix in (f"{number:03}" for number in range(1_000)):
        if step.polite_from is None or step.polite_until is None:
            yield prefix, now
            continue
        zone = zones.zone_of(prefix)
        hours_there = {"from_hour": step.polite_from, "until_hour": step.polite_until}
        yield prefix, hours.polite(at=now, zone=zone, **hours_there)


def hold(*, step: Step, why: FollowUp.Why) -> int:
    """Hold back some of what is owed; whoever claimed it can't begin it any more."""
    due = _of(step).filter(state=State.DUE)
    return _some(due).update(state=State.HELD, why=why, leased_until=None)


def give_back(*, step: Step, why: FollowUp.Why) -> int:
    """Owe again some of what was held back for this reason."""
    held = _of(step).filter(state=State.HELD, why=why)
    return _some(held).update(state=State.DUE, why="")


def call_off(*, step: Step, why: FollowUp.Why) -> int:
    """Owe some of it to nobody any more; whoever claimed it can't begin it any more."""
    waiting = _of(step).filter(state__in=(State.DUE, State.HELD))
    return _some(waiting).update(state=State.NEEDLESS, why=why, leased_until=None)


def _some(rows: FollowUpQuerySet) -> FollowUpQuerySet:
    """Ask each again whether it is one of these: it may have begun to leave meanwhile."""
    return rows.filter(pk__in=rows.values("pk")[:AT_ONCE])


def _of(step: Step) -> FollowUpQuerySet:
    """Name the lane too: an index holds the steps of that one lane."""
    return FollowUp.objects.filter(step=step, lane=step.lane)
