"""Folds the ledger into its sums: in one transaction with the stamps, one folder at a time."""

import logging
from collections.abc import Collection
from datetime import datetime

from django.db import DataError, connection, transaction

from partners import breakdowns, drives, grand_totals, local_days, minutes, states, tallies
from partners.milestones.stamping import Batch, stamp
from partners.models import Drive, Milestone, Tally, Total
from recruit import locks

logger = logging.getLogger(__name__)

FOLD_LOCK = locks.key(7_314_001)
BATCH = 5_000
LINES_LOOKED_AT = 1_000

# A drive whose zone PostgreSQL doesn't know would let nobody be counted: the others go on.
UNKNOWN_ZONES = """
SELECT id, name FROM partners_drive
WHERE time_zone NOT IN (SELECT name FROM pg_timezone_names)
"""
# A folder may have waited since it read its clock, or have one that is behind: what is counted
# later has a later `counted_at` all the same, for that is the order in which milestones are passed.
FOLD = f"""
WITH batch AS MATERIALIZED (
    SELECT id FROM partners_credit
    WHERE counted_at IS NULL AND drive_id <> ALL(%(left_out)s) ORDER BY id LIMIT %(batch)s
), moment AS MATERIALIZED (
    SELECT GREATEST(%(now)s, max(counted_at) + interval '1 microsecond') AS at FROM (
        SELECT counted_at FROM partners_credit WHERE id < (SELECT min(id) FROM batch)
        ORDER BY id DESC LIMIT {LINES_LOOKED_AT}
    ) AS before
), stamped AS (
    UPDATE partners_credit AS credit SET counted_at = moment.at
    FROM batch, moment WHERE credit.id = batch.id
    RETURNING credit.*
), stood_at AS (
    SELECT * FROM {local_days.placed("stamped")} AS line
), {tallies.CAME}, {tallies.ADD}, {grand_totals.ADD},
{states.CAME}, {states.ADD}, {breakdowns.CAME}, {breakdowns.ADD},
{minutes.CAME}, {minutes.ADD}
SELECT drive_id, min(counted_at), min(id), max(id), count(*), count(*) FILTER (WHERE amount < 0)
FROM stamped GROUP BY drive_id
"""  # noqa: S608 - put together from our own statements


def fold(*, now: datetime) -> int:
    """Count the oldest uncounted credits into tallies and return how many.

    Tallies, stamps and milestones commit together, so a killed folder leaves nothing half. One
    folder works at a time, the others leave at once; a killed one's lock dies with its connection.
    """
    try:
        return _fold(now, left_out={})
    except DataError:
        if not (unknown := _with_unknown_zones()):
            raise
        logger.exception("not counted, their time zones are unknown: %s", list(unknown.values()))
        return _fold(now, left_out=unknown)


def _with_unknown_zones() -> dict[int, str]:
    with connection.cursor() as cursor:
        cursor.execute(UNKNOWN_ZONES)
        return dict(cursor.fetchall())


@transaction.atomic
def _fold(now: datetime, left_out: Collection[int]) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [FOLD_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(FOLD, {"batch": BATCH, "now": now, "left_out": list(left_out)})
        batches = {row[0]: Batch(*row) for row in cursor.fetchall()}
        # Staff may set a target that was passed already: the current drive is always looked at.
        current = drives.current(now=now).id
        for drive_id in {*batches, current} - {*left_out}:
            stamp(cursor, batches.get(drive_id) or Batch(drive_id), now)
    return sum(batch.count for batch in batches.values())


def look_back(*, now: datetime) -> None:
    """Stamp what was set below what had been counted, in drives that nobody signs up to any more.

    Two queries for each drive with a milestone that waits: too many for each fold. One whose zone
    is unknown counts nobody.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        hold()
        waiting = Milestone.objects.filter(reached_at=None).order_by("drive_id")
        for drive_id in waiting.values_list("drive_id", flat=True).distinct():
            stamp(cursor, Batch(drive_id), now)


def hold() -> None:
    """Let nothing be counted until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [FOLD_LOCK])


def is_counted(*, drive: Drive, span: tuple[datetime, datetime] | None = None) -> bool:
    """Say whether lines of this drive were counted, in this span or at all; see `hold`."""
    hold()
    if not span:
        return Total.objects.filter(drive=drive).exists()
    return Tally.objects.filter(drive=drive, hour_at__gte=span[0], hour_at__lt=span[1]).exists()
