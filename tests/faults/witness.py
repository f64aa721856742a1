"""Sees from inside PostgreSQL what became of each follow-up, and the moment that committed.

A trigger writes down each change; with track_commit_timestamp the server knows when it committed,
which no client can tell.
"""

from django.db import connection

from candidates.audit.check import count, rows

TABLES = """
CREATE TABLE witness (
    id bigint GENERATED ALWAYS AS IDENTITY, followup_id uuid, was text, became text,
    at timestamptz DEFAULT clock_timestamp()
);
CREATE FUNCTION witness() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO witness (followup_id, was, became) VALUES (NEW.id, OLD.state, NEW.state);
    RETURN NULL;
END $$;
CREATE TRIGGER witness AFTER UPDATE ON candidates_followup FOR EACH ROW
WHEN (NEW.state IS DISTINCT FROM OLD.state OR NEW.attempts > OLD.attempts)
EXECUTE FUNCTION witness();
"""
BEGUN_AFTER_OPT_OUT = """
SELECT count(*) FROM witness AS begun JOIN witness AS stopped USING (followup_id)
WHERE begun.became = 'sending' AND stopped.became = 'suppressed'
    AND pg_xact_commit_timestamp(begun.xmin) > pg_xact_commit_timestamp(stopped.xmin)
"""
BEGUN = "SELECT followup_id::text, count(*) FROM witness WHERE became = 'sending' GROUP BY 1"
OWED = """
SELECT count(*) FROM candidates_followup WHERE state IN ('due', 'sending') AND due_at <= now()
"""
# An attempt ends when its row becomes anything else, or is begun anew.
LONGEST_ATTEMPT = """
SELECT COALESCE(max(extract(epoch FROM ended - at)), 0)::float FROM (
    SELECT at, became, lead(at) OVER (PARTITION BY followup_id ORDER BY id) AS ended FROM witness
) AS steps WHERE became = 'sending'
"""
# What waits for its next try waits no longer.
HASTEN = """
UPDATE candidates_followup SET due_at = now()
WHERE state = 'due' AND leased_until IS NULL AND due_at < now() + interval '12 hours'
"""
# As if so much time had passed while nobody was there to see it.
WIND = """
UPDATE candidates_followup SET leased_until = leased_until - %(by)s::interval,
    due_at = due_at - %(by)s::interval
WHERE state IN ('due', 'sending') AND due_at < now() + interval '12 hours'
"""


def begun() -> dict[str, int]:
    """How often each mail was begun, as its row said at that moment."""
    return dict(rows(BEGUN))


def begun_after_opt_out() -> int:
    return count(BEGUN_AFTER_OPT_OUT)


def longest_attempt() -> float:
    """Return the seconds that the longest attempt took, of those that ended."""
    return float(rows(LONGEST_ATTEMPT)[0][0])


def states() -> dict[str, int]:
    return dict(rows("SELECT state, count(*) FROM candidates_followup GROUP BY 1"))


def owed() -> int:
    return count(OWED)


def wind(*, seconds: int) -> None:
    """Only while no worker lives: to them the time has then passed."""
    execute(WIND, {"by": f"{seconds} seconds"})


def hasten() -> None:
    execute(HASTEN)


def execute(statement: str, words: object = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, words)
