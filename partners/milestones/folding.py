"""Folds the ledger into its sums: in one transaction with the stamps, one folder at a time."""

from datetime import datetime

from django.db import connection, transaction

from partners import breakdowns, drives, grand_totals, local_days, minutes, states, tallies
from partners.milestones.stamping import Batch, stamp
from partners.models import Drive, Total
from recruit import locks

FOLD_LOCK = locks.key(7_314_001)
BATCH = 5_000

FOLD = f"""
WITH batch AS MATERIALIZED (
    SELECT id FROM partners_credit WHERE counted_at IS NULL ORDER BY id LIMIT %(batch)s
), stamped AS (
    UPDATE partners_credit AS credit SET counted_at = %(now)s
    FROM batch WHERE credit.id = batch.id
    RETURNING credit.*
), stood_at AS (
    SELECT * FROM {local_days.placed("stamped")} AS line
), {tallies.CAME}, {tallies.ADD}, {grand_totals.ADD},
{states.CAME}, {states.ADD}, {breakdowns.CAME}, {breakdowns.ADD},
{minutes.CAME}, {minutes.ADD}
SELECT drive_id, min(id), max(id), count(*), count(*) FILTER (WHERE amount < 0)
FROM stamped GROUP BY drive_id
"""  # noqa: S608 - put together from our own statements


def fold(*, now: datetime) -> int:
    """Count the oldest uncounted credits into tallies and return how many.

    Tallies, stamps and milestones commit together, so a killed folder leaves nothing half. One
    folder works at a time, the others leave at once; a killed one's lock dies with its connection.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [FOLD_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(FOLD, {"batch": BATCH, "now": now})
        batches = {row[0]: Batch(*row) for row in cursor.fetchall()}
        counted = sum(batch.count for batch in batches.values())
        # Staff may set a target that was passed already: the current drive is always looked at.
        current = drives.current(now=now).id
        for batch in (batches | {current: batches.get(current) or Batch(current)}).values():
            stamp(cursor, batch, now)
    return counted


def is_counted(*, drive: Drive) -> bool:
    """Say whether lines of this drive were counted; until the transaction ends, none will be."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [FOLD_LOCK])
    return Total.objects.filter(drive=drive).exists()
