"""A claim looks at the head of the queue, however long the queue is."""

import re
from typing import Any

import pytest
from django.db import connection

from candidates import followups
from candidates.followups import claiming
from candidates.models import Lane
from tests import mails
from tests.conftest import NOON

QUEUE = """
INSERT INTO candidates_candidate (id, first_name, last_name, email, email_canonical, zip_code,
    state, office, timeline, motivation, language, door, signed_up_at, stage)
SELECT gen_random_uuid(), '', '', n::text, n::text, '10001', 'NY', 'other', 'later', '', 'en',
    'form', %(now)s, 'raised_hand' FROM generate_series(1, 3000) AS n;
INSERT INTO candidates_followup (id, candidate_id, step_id, lane, anchor_at, due_at, state, why,
    attempts, last_error)
SELECT gen_random_uuid(), id, %(step)s, %(lane)s, %(now)s,
    %(now)s - random() * interval '1 hour', 'due', '', 0, '' FROM candidates_candidate;
ANALYZE candidates_followup, candidates_candidate;
"""


@pytest.fixture(params=Lane)
def queue(request: pytest.FixtureRequest, db: None, _what_ships: None) -> Lane:
    """Three thousand mails are due in a lane."""
    lane: Lane = request.param
    with connection.cursor() as cursor:
        for statement in QUEUE.split(";")[:-1]:
            given = {"now": NOON, "lane": lane, "step": mails.step(mails.WELCOME).id}
            names = re.findall(r"%\((\w+)\)s", statement)
            cursor.execute(statement, {name: given[name] for name in names} or None)
    return lane


def claimed(lane: Lane) -> tuple[int, str]:
    """Claim, and return how many were got, and how PostgreSQL found them."""
    made: list[tuple[str, Any]] = []

    def keep(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        made.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        found = followups.claim(lane=lane, now=NOON)
    (locking,) = (it for it in made if "SKIP LOCKED" in it[0])
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (COSTS OFF) {locking[0]}", locking[1])
        return len(found), "\n".join(line for (line,) in cursor.fetchall())


def test_a_claim_reads_the_index_of_what_is_owed_and_sorts_nothing(queue: Lane):
    number, plan = claimed(queue)

    assert number == claiming.CLAIM
    assert "Index Scan using followup_owed on candidates_followup" in plan
    assert "Sort" not in plan
