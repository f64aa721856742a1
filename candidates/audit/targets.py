"""Milestones: each reached by the line that took the total there, once, and told once."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings

from candidates.audit.check import Check, count, none, rows
from candidates.audit.mails import Arrived
from partners.local_days import ZONES

MILESTONES = """
SELECT milestone.id, milestone.scope, milestone.target, milestone.partner_id, drive.id,
    drive.baseline, drive.day_on, drive.time_zone, drive.counts, milestone.reached_value,
    milestone.reached_by_id, milestone.reached_at, milestone.announced_at, drive.name,
    COALESCE(drive.last_day_on, drive.day_on), drive.is_local_day
FROM partners_milestone AS milestone JOIN partners_drive AS drive ON drive.id = milestone.drive_id
ORDER BY drive.id, milestone.scope, milestone.target, milestone.id
"""
# In the order in which the lines were counted: a line may commit later than one with a higher id.
# The day is cut by PostgreSQL, not by Python: in the drive's zone, or in that of each state. What
# a correction reached, it reached when it was written, whatever day it speaks of.
CROSSED = """
SELECT id, CASE WHEN kind IN ('voided', 'reassigned') THEN recorded_at ELSE at END, total FROM (
    SELECT *, sum(amount) OVER (ORDER BY counted_at, id) + before AS total
    FROM partners_credit
    JOIN unnest(%s::text[]::timestamptz[], %s::text[]::timestamptz[], %s::bigint[])
        AS known (since, till, before) ON counted_at >= since AND counted_at < till
    LEFT JOIN unnest(%s::text[], %s::text[]) AS clock (place, zone) ON place = state
    WHERE drive_id = %s AND counts_as = %s AND counted_at IS NOT NULL
        AND (NOT %s::boolean OR (at AT TIME ZONE CASE WHEN %s::boolean AND zone IS NOT NULL
            THEN zone ELSE %s::text END)::date BETWEEN %s::date AND %s::date)
        AND (%s::bigint IS NULL OR partner_id = %s)
) AS running WHERE total >= %s ORDER BY counted_at, id LIMIT 1
"""
# What had been counted before the drive is set right at times, and nothing is stamped anew by that.
REBASED = """
SELECT recorded_at, change FROM partners_correction
WHERE drive_id = %s AND deed = 'rebased' ORDER BY recorded_at DESC, id DESC
"""
UNSENT = "SELECT count(*) FROM partners_letter WHERE kind = 'milestone' AND sent_at IS NULL"


def always() -> Iterator[Check]:
    milestones = rows(MILESTONES)
    reached = [it for it in milestones if it[11] is not None]
    right = [it for it in milestones if _is_right(it)]
    yield Check("milestones that say the right line", len(milestones), len(right))
    yield none("milestones reached and not announced", sum(it[12] is None for it in reached))
    early = sum(it[12] is not None and it[11] is None for it in milestones)
    yield none("milestones announced and not reached", early)
    yield none("letters about milestones that did not leave", count(UNSENT))


def _is_right(milestone: Sequence[Any]) -> bool:
    """A target set below what was counted already is reached by being set, and by no line."""
    if milestone[11] and milestone[10] is None:
        return bool(milestone[9] >= milestone[2])
    return _line(milestone) == _crossed(milestone)


def _line(milestone: Sequence[Any]) -> tuple[Any, ...] | None:
    """Return the line, the time and the value that are written on the milestone."""
    if milestone[11] is None:
        return None
    return milestone[10], milestone[11], milestone[9]


def _crossed(milestone: Sequence[Any]) -> tuple[Any, ...] | None:
    """Find the line anew, over the whole ledger."""
    _, scope, target, partner, drive, baseline, day, zone, kind, *_rest = milestone
    last_day, is_local = milestone[14:]
    is_day = scope == "day"
    before = _before(drive, baseline, has_baseline=not (is_day or partner))
    words = [*before, list(ZONES), list(ZONES.values()), drive, kind]
    words += [is_day, is_local, zone, day, last_day, partner, partner, target]
    found = rows(CROSSED, words)
    return tuple(found[0]) if found else None


def _before(drive: int, baseline: int, *, has_baseline: bool) -> tuple[list[Any], ...]:
    """Say since when, until when, and which number was known from before the drive."""
    changes = rows(REBASED, [drive]) if has_baseline else []
    times = [it[0].isoformat() for it in changes]
    known = [baseline - sum(it[1] for it in changes[:n]) for n in range(len(changes) + 1)]
    return [*times, "-infinity"], ["infinity", *times], known if has_baseline else [0]


def of_the_drive(*, drive_id: int, arrived: Arrived, signed_up: int) -> Iterator[Check]:
    """Say of each public milestone of this drive whether it was reached once and told once.

    To each address of staff; a letter that arrived again has the name that it had before.
    """
    for it in rows(MILESTONES):
        _, scope, target, partner, drive, baseline, *_rest = it
        if drive != drive_id or partner:
            continue
        is_due = signed_up + (0 if scope == "day" else baseline) >= target
        name = f"milestone {target:,} {'on the day' if scope == 'day' else 'in all'}"
        yield Check(f"{name}: its value", target if is_due else "-", it[9] or "-")
        told = arrived.subjects[f"{target:,} reached: {it[13]}"]
        due = len(settings.STAFF_EMAILS) if is_due else 0
        yield Check(f"{name}: mails that told it", due, len(told))
