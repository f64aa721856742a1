"""A grown drive whose people are owed so many mails, at noon in New York."""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import world

# Of the steps of the welcome that may take their time, in whichever lane is looked at.
OWE = """
INSERT INTO candidates_followup (id, candidate_id, step_id, lane, anchor_at, due_at, state, why,
    attempts, last_error)
SELECT gen_random_uuid(), person.id, step.id, %(lane)s, %(now)s - interval '7 days',
    %(now)s - random() * interval '1 hour', 'due', '', 0, ''
FROM (SELECT id FROM candidates_candidate ORDER BY id) AS person
CROSS JOIN (SELECT step.id FROM candidates_step AS step
    JOIN candidates_sequence AS sequence ON sequence.id = sequence_id
    WHERE slug = 'welcome' AND number BETWEEN 2 AND 6) AS step
LIMIT %(rows)s
"""


class Clock:
    """Noon in New York today, and running."""

    def __init__(self) -> None:
        self.noon = datetime.now(UTC).replace(hour=17, minute=0, second=0, microsecond=0)
        self.began = time.monotonic()

    def __call__(self) -> datetime:
        return self.noon + timedelta(seconds=time.monotonic() - self.began)


clock = Clock()


def owe(*, lane: str, rows: int) -> None:
    """Owe so many mails and nothing else. Set-based, without the checks of foreign keys."""
    from candidates.models import Lane  # noqa: PLC0415 - Django is set up only now

    url = os.environ["DATABASE_URL"]
    given = {"lane": Lane[lane].value, "rows": rows, "now": clock()}
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("TRUNCATE candidates_followup CASCADE")
        connection.execute(OWE, given)
        connection.execute("VACUUM (ANALYZE) candidates_followup")


def furnish(people: int) -> None:
    """Migrate, and make a grown drive in which everybody may be written to."""
    import django  # noqa: PLC0415 - after the environment was set

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    world.fill(people)
    with psycopg.connect(
        os.environ["DATABASE_URL"], autocommit=True, cursor_factory=psycopg.ClientCursor
    ) as connection:
        connection.execute((Path(__file__).parent / "mail.sql").read_text(), {})
        connection.execute("VACUUM (ANALYZE) candidates_candidate, candidates_touch")
