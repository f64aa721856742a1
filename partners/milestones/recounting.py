"""Holds every sum against the ledger beside live sign-ups, repairs what drifted, and says so."""

import logging
import time
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from partners import breakdowns, grand_totals, minutes, states, tallies
from partners.milestones.folding import FOLD_LOCK
from partners.models import Credit, Drifted, Recount
from recruit import locks

RECOUNT_LOCK = locks.key(7_314_003)
LOOK_EVERY, RECOUNT_EVERY = timedelta(hours=1), timedelta(days=1)
MOST_ROWS = 1_000

# A fold moves them all at once: in one statement they are level, or somebody else was at them.
# docs/drives.md says what this costs beside a recount, and what it can't see.
LEVEL = """
WITH counted AS (
    SELECT drive_id, counts_as AS kind, sum(amount)::bigint AS value,
        COALESCE(sum(amount) FILTER (WHERE partner_id IS NOT NULL), 0) AS of_partners
    FROM partners_credit WHERE counted_at IS NOT NULL GROUP BY 1, 2
), due AS (
    SELECT sums, drive_id, kind, value
    FROM counted, unnest(ARRAY['tallies', 'totals', 'states', 'minutes']) AS named (sums)
    UNION ALL
    SELECT dimension, drive_id, kind, of_partners
    FROM counted, unnest(ARRAY['state', 'office']) AS named (dimension) WHERE kind = 'signed_up'
), told AS (
    SELECT 'tallies' AS sums, drive_id, kind, sum(value) AS value FROM partners_tally GROUP BY 2, 3
    UNION ALL
    SELECT 'totals', drive_id, kind, sum(value) FROM partners_total GROUP BY 2, 3
    UNION ALL
    SELECT 'states', drive_id, kind, sum(value) FROM partners_statetally GROUP BY 2, 3
    UNION ALL
    SELECT 'minutes', drive_id, kind, sum(value) FROM partners_minutetally GROUP BY 2, 3
    UNION ALL
    SELECT dimension, drive_id, 'signed_up', sum(value) FROM partners_breakdowntally GROUP BY 1, 2
)
SELECT NOT EXISTS (
    SELECT FROM due FULL JOIN told USING (sums, drive_id, kind)
    WHERE COALESCE(due.value, 0) <> COALESCE(told.value, 0)
)
"""

logger = logging.getLogger(__name__)

Drift = tallies.Drift | grand_totals.Drift | states.Drift | breakdowns.Drift | minutes.Drift
KINDS: dict[type[Drift], Drifted.Sums] = {
    tallies.Drift: Drifted.Sums.TALLY,
    grand_totals.Drift: Drifted.Sums.TOTAL,
    states.Drift: Drifted.Sums.STATE,
    breakdowns.Drift: Drifted.Sums.BREAKDOWN,
    minutes.Drift: Drifted.Sums.MINUTE,
}


def drift() -> list[Drift]:
    """Return where any sum and the ledger differ: nowhere, or it is an alarm."""
    with connection.cursor() as cursor:
        return [*_Found(cursor)]


def is_level() -> bool:
    """Say whether each kind of sum has as much in it as the ledger: a quick look at the whole."""
    with connection.cursor() as cursor:
        cursor.execute(LEVEL)
        return bool(cursor.fetchone()[0])


def watch(*, now: datetime) -> int:
    """Look once an hour; recount where the whole is not level, and once a day in any case.

    Return how many sums had drifted. What was looked at is a row, so more watchers do no more.
    """
    began = time.monotonic()
    looks = Recount.objects.filter(looked_at__gt=now - RECOUNT_EVERY)
    if looks.filter(looked_at__gt=now - LOOK_EVERY).exists():
        return 0
    if looks.filter(is_whole=True).exists() and is_level():
        _note(now, began, is_whole=False)
        return 0
    return recount(now=now)


def recount(*, now: datetime) -> int:
    """Hold every sum against the counted ledger, repair what differs, return how many did.

    Beside live sign-ups and folds, and exact: each look is one statement, which sees the stamps of
    a fold and what it added or neither, so what differs then differs until it is repaired, however
    much is folded meanwhile. Folders wait for the repair alone. One recount works at a time;
    another leaves at once.
    """
    began = time.monotonic()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [RECOUNT_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        found = _Found(cursor)
        if found.count:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [FOLD_LOCK])
            found.repair(cursor)
        told = _note(now, began, drifted=found.count)
        Drifted.objects.bulk_create(_rows(told, found))
    if found.count:
        logger.error("%d sums had drifted from the ledger and were repaired", found.count)
    return found.count


def _note(now: datetime, began: float, *, is_whole: bool = True, drifted: int = 0) -> Recount:
    seconds = time.monotonic() - began
    return Recount.objects.create(
        looked_at=now, seconds=seconds, is_whole=is_whole, drifted=drifted
    )


class _Found:
    """What differs, of each kind of sum."""

    def __init__(self, cursor: CursorWrapper) -> None:
        self.tallies = tallies.drift(cursor=cursor)
        self.totals = grand_totals.drift(cursor=cursor)
        self.states = states.drift(cursor=cursor)
        self.cells = breakdowns.drift(cursor=cursor)
        self.minutes = minutes.drift(cursor=cursor)
        self.count = sum(1 for _ in self)

    def __iter__(self) -> Iterator[Drift]:
        yield from self.tallies
        yield from self.totals
        yield from self.states
        yield from self.cells
        yield from self.minutes

    def repair(self, cursor: CursorWrapper) -> None:
        tallies.repair(cursor=cursor, wrong=self.tallies)
        grand_totals.repair(cursor=cursor, wrong=self.totals)
        states.repair(cursor=cursor, wrong=self.states)
        breakdowns.repair(cursor=cursor, wrong=self.cells)
        minutes.repair(cursor=cursor, wrong=self.minutes)


def _rows(told: Recount, found: Iterable[Drift]) -> Iterator[Drifted]:
    """Keep the first rows of what drifted: enough to find out where it came from."""
    for it in islice(found, MOST_ROWS):
        yield Drifted(
            recount=told,
            sums=KINDS[type(it)],
            drive_id=it.drive_id,
            partner_id=getattr(it, "partner_id", None),
            link_id=getattr(it, "link_id", None),
            kind=getattr(it, "kind", Credit.Kind.SIGNED_UP),
            place=it.place,
            told=it.told,
            counted=it.counted,
        )
