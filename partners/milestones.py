"""Folds the ledger into tallies, stamps each milestone once, and can prove the sums."""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Sum

from partners import breakdowns, drives, grand_totals, local_days, states
from partners.models import Drive, Milestone, Tally, Total

FOLD_LOCK = 7_314_001
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
), sums AS (
    SELECT drive_id, partner_id, link_id, counts_as AS kind, {local_days.HOUR} AS hour_at,
        sum(amount) AS value
    FROM stood_at GROUP BY 1, 2, 3, 4, 5
), added AS (
    INSERT INTO partners_tally (drive_id, partner_id, link_id, kind, hour_at, value)
    SELECT drive_id, partner_id, link_id, kind, hour_at, value FROM sums
    ORDER BY drive_id, kind, hour_at, link_id
    ON CONFLICT (drive_id, kind, hour_at, COALESCE(link_id, 0::bigint))
    DO UPDATE SET value = partners_tally.value + excluded.value
), {grand_totals.ADD}, {states.CAME}, {states.ADD}, {breakdowns.CAME}, {breakdowns.ADD}
SELECT drive_id, min(id), max(id), count(*) FROM stamped GROUP BY drive_id
"""  # noqa: S608 - put together from our own statements

# The line of the batch whose running sum takes the total to the target: that line reached it.
CROSSING = f"""
SELECT id, at, total FROM (
    SELECT id, at, amount, %(total)s - sum(amount) OVER () + sum(amount) OVER (ORDER BY id) AS total
    FROM {local_days.placed("partners_credit")} AS line
    WHERE counted_at = %(now)s AND id BETWEEN %(first)s AND %(last)s
        AND drive_id = %(drive_id)s AND counts_as = %(kind)s
        AND (%(begin)s::timestamptz IS NULL OR (moment >= %(begin)s AND moment < %(end)s))
        AND (%(partner_id)s::bigint IS NULL OR partner_id = %(partner_id)s)
) AS running WHERE total >= %(target)s AND total - amount < %(target)s ORDER BY id LIMIT 1
"""  # noqa: S608

DRIFT = f"""
WITH counted AS (
    SELECT drive_id, partner_id, link_id, counts_as AS kind, {local_days.HOUR} AS hour_at,
        sum(amount) AS value
    FROM {local_days.placed("partners_credit")} AS line WHERE counted_at IS NOT NULL
    GROUP BY 1, 2, 3, 4, 5
)
SELECT COALESCE(tally.drive_id, counted.drive_id), COALESCE(tally.partner_id, counted.partner_id),
    COALESCE(tally.link_id, counted.link_id), COALESCE(tally.kind, counted.kind),
    COALESCE(tally.hour_at, counted.hour_at),
    COALESCE(tally.value, 0), COALESCE(counted.value, 0)
FROM counted FULL JOIN partners_tally AS tally
    ON tally.drive_id = counted.drive_id AND tally.kind = counted.kind
    AND tally.hour_at = counted.hour_at
    AND COALESCE(tally.link_id, 0) = COALESCE(counted.link_id, 0)
WHERE COALESCE(tally.value, 0) <> COALESCE(counted.value, 0)
"""  # noqa: S608

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Batch:
    """What one fold counted for one drive: a range of ledger ids, and how many lines."""

    drive_id: int
    first: int = 0
    last: int = 0
    count: int = 0


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
            _stamp(cursor, batch, now)
    return counted


def _stamp(cursor: CursorWrapper, batch: Batch, now: datetime) -> None:
    """Three queries, however many milestones wait; two more for each that was reached."""
    drive = Drive.objects.get(id=batch.drive_id)
    waiting = list(drive.milestones.filter(reached_at=None))
    sums = {scope: _sums(scope, drive) for scope in {it.scope for it in waiting}}
    for milestone in waiting:
        total = _total(milestone, drive, sums[milestone.scope])
        if total >= milestone.target:
            cursor.execute(CROSSING, _crossing(milestone, drive, batch, total, now))
            # A target set below what was counted already is reached by no line: by being set.
            line = cursor.fetchone() or (None, now, total)
            milestone.reached_by_id, milestone.reached_at, milestone.reached_value = line
            milestone.save(update_fields=["reached_by", "reached_at", "reached_value"])


def _crossing(
    milestone: Milestone, drive: Drive, batch: Batch, total: int, now: datetime
) -> dict[str, Any]:
    begin, end = _span(milestone.scope, drive) or (None, None)
    return {
        "now": now,
        "first": batch.first,
        "last": batch.last,
        "drive_id": drive.id,
        "kind": drive.counts,
        "partner_id": milestone.partner_id,
        "begin": begin,
        "end": end,
        "total": total,
        "target": milestone.target,
    }


def _span(scope: str, drive: Drive) -> tuple[datetime, datetime] | None:
    return drive.span if scope == Milestone.Scope.DAY else None


def is_counted(*, drive: Drive) -> bool:
    """Say whether lines of this drive were counted; until the transaction ends, none will be."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [FOLD_LOCK])
    return Total.objects.filter(drive=drive).exists()


def value(*, milestone: Milestone, drive: Drive) -> int:
    """Return what the milestone's target is compared with, as counted so far."""
    return _total(milestone, drive, _sums(milestone.scope, drive))


def _sums(scope: str, drive: Drive) -> dict[int | None, int]:
    """Return what each partner brought of what this drive counts, on the day or in all."""
    span = _span(scope, drive)
    if not span:
        return grand_totals.by_partner(drive=drive)
    tallies = Tally.objects.filter(drive=drive, kind=drive.counts)
    on_the_day = tallies.filter(hour_at__gte=span[0], hour_at__lt=span[1])
    return dict(on_the_day.values_list("partner_id").annotate(Sum("value")))


def _total(milestone: Milestone, drive: Drive, sums: dict[int | None, int]) -> int:
    if milestone.partner_id:
        return sums.get(milestone.partner_id, 0)
    is_grand_total = milestone.scope == Milestone.Scope.CUMULATIVE
    return sum(sums.values()) + (drive.baseline if is_grand_total else 0)


class Drift(NamedTuple):
    """A tally that differs from the sum of its counted lines."""

    drive_id: int
    partner_id: int | None
    link_id: int | None
    kind: str
    hour_at: datetime
    told: int
    counted: int


def drift() -> list[Drift | grand_totals.Drift | states.Drift | breakdowns.Drift]:
    """Return where any sum and the ledger differ: nowhere, or it is an alarm."""
    with connection.cursor() as cursor:
        totals, cells = grand_totals.drift(cursor=cursor), breakdowns.drift(cursor=cursor)
        return [*_drift(cursor), *totals, *states.drift(cursor=cursor), *cells]


def _drift(cursor: CursorWrapper) -> list[Drift]:
    cursor.execute(DRIFT)
    return [Drift(*row) for row in cursor.fetchall()]


def recount() -> int:
    """Rebuild every sum from the counted ledger, beside live sign-ups; return how many differed.

    Folders wait outside for as long as it takes: sign-ups don't.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [FOLD_LOCK])
        tallies, cells = _drift(cursor), breakdowns.drift(cursor=cursor)
        totals, of_states = grand_totals.drift(cursor=cursor), states.drift(cursor=cursor)
        grand_totals.repair(cursor=cursor, wrong=totals)
        states.repair(cursor=cursor, wrong=of_states)
        breakdowns.repair(cursor=cursor, wrong=cells)
        for it in tallies:
            Tally.objects.update_or_create(
                drive_id=it.drive_id,
                link_id=it.link_id,
                kind=it.kind,
                hour_at=it.hour_at,
                defaults={"value": it.counted, "partner_id": it.partner_id},
            )
    wrong = len(tallies) + len(totals) + len(of_states) + len(cells)
    if wrong:
        logger.error("%d tallies had drifted from the ledger and were rebuilt", wrong)
    return wrong


def claim_announcements(*, now: datetime, limit: int | None = None) -> list[Milestone]:
    """Return the milestones to be announced, oldest first; each is returned once, to one caller."""
    with transaction.atomic():
        reached = Milestone.objects.filter(reached_at__isnull=False, announced_at=None)
        claimed = list(
            reached.select_for_update(skip_locked=True, of=("self",))
            .select_related("drive", "partner")
            .order_by("reached_at", "id")[:limit]
        )
        Milestone.objects.filter(id__in=[it.id for it in claimed]).update(announced_at=now)
    return claimed


def give_back(*, milestone: Milestone) -> None:
    """Let a milestone be announced again: telling about it failed."""
    Milestone.objects.filter(id=milestone.id).update(announced_at=None)
