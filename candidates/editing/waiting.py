"""How many people are on their way through a sequence, and where they wait."""

from collections.abc import Iterable

from django.db import connection

from candidates import desk
from candidates.models import Sequence

# As far as anybody counts, by the three indexes that hold the unsent: what is sent is not read.
WAITING = """
SELECT step.id,
    (SELECT count(*) FROM (SELECT FROM candidates_followup WHERE lane = 1 AND step_id = step.id
        AND state IN ('due', 'sending') LIMIT %(most)s) AS unsent)
  + (SELECT count(*) FROM (SELECT FROM candidates_followup WHERE lane = 0 AND step_id = step.id
        AND state IN ('due', 'sending') LIMIT %(most)s) AS unsent)
  + (SELECT count(*) FROM (SELECT FROM candidates_followup WHERE step_id = step.id
        AND state = 'held' LIMIT %(most)s) AS held)
FROM candidates_step AS step WHERE step.sequence_id = ANY(%(sequences)s)
"""


def waiting(*, sequences: Iterable[Sequence]) -> dict[int, desk.Count]:
    """Return how many wait at each step of these, by its id; removed ones too."""
    most = desk.COUNTED_UP_TO
    with connection.cursor() as cursor:
        cursor.execute(WAITING, {"most": most + 1, "sequences": [it.pk for it in sequences]})
        rows = cursor.fetchall()
    return {
        step_id: desk.Count(min(people, most), is_capped=people > most) for step_id, people in rows
    }
