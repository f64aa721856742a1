"""A fold that stamps its lines in one transaction, and adds them up in the next."""

from datetime import datetime

from django.db import connection

from partners import milestones
from partners.milestones import folding

STAMP = """
UPDATE partners_credit SET counted_at = %(now)s
WHERE id IN (SELECT id FROM partners_credit WHERE counted_at IS NULL ORDER BY id LIMIT %(batch)s)
"""
begin, _update, rest = folding.FOLD.partition("UPDATE partners_credit")
end = rest.partition("RETURNING credit.*")[2]
folding.FOLD = f"{begin} SELECT * FROM partners_credit WHERE counted_at = %(now)s {end}"
assert end


def fold(*, now: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [folding.FOLD_LOCK])
        cursor.execute(STAMP, {"now": now, "batch": folding.BATCH})
        counted = folding.fold(now=now)
        cursor.execute("SELECT pg_advisory_unlock(%s)", [folding.FOLD_LOCK])
    return counted


milestones.fold = fold
