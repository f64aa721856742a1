"""Stamps each milestone once: with the line that took its total to the target."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.backends.utils import CursorWrapper
from django.db.models import Sum

from partners import grand_totals, local_days
from partners.models import Drive, Milestone, Tally

# The line of the batch whose running sum takes the total to the target: that line reached it. One
# of a correction did so when it was written; its own time is that of the sign-up it speaks of.
CROSSING = f"""
SELECT id, reached_at, total FROM (
    SELECT id, amount, CASE WHEN kind IN ('voided', 'reassigned') THEN recorded_at ELSE at END
            AS reached_at,
        %(total)s - sum(amount) OVER () + sum(amount) OVER (ORDER BY id) AS total
    FROM {local_days.placed("partners_credit")} AS line
    WHERE counted_at = %(now)s AND id BETWEEN %(first)s AND %(last)s
        AND drive_id = %(drive_id)s AND counts_as = %(kind)s
        AND (%(begin)s::timestamptz IS NULL OR (moment >= %(begin)s AND moment < %(end)s))
        AND (%(partner_id)s::bigint IS NULL OR partner_id = %(partner_id)s)
) AS running WHERE total >= %(target)s AND total - amount < %(target)s ORDER BY id LIMIT 1
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Batch:
    """What one fold counted for one drive: a range of ledger ids, how many lines, minus lines."""

    drive_id: int
    first: int = 0
    last: int = 0
    count: int = 0
    taken: int = 0


def stamp(cursor: CursorWrapper, batch: Batch, now: datetime) -> None:
    """Three queries, however many milestones wait; two more for each that was reached."""
    drive = Drive.objects.get(id=batch.drive_id)
    waiting = list(drive.milestones.filter(reached_at=None))
    sums = {scope: _sums(scope, drive) for scope in {it.scope for it in waiting}}
    for milestone in waiting:
        total = _total(milestone, drive, sums[milestone.scope])
        # Passed and lost again within the batch is passed.
        if total + batch.taken < milestone.target:
            continue
        cursor.execute(CROSSING, _crossing(milestone, drive, batch, total, now))
        line = cursor.fetchone()
        if line or total >= milestone.target:
            # A target set below what was counted already is reached by no line: by being set.
            line = line or (None, now, total)
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
