"""Counts arrivals through links: noted in memory, gathered in Redis, folded into PostgreSQL.

Visits are advisory. A killed process loses the last half second of them, Redis without its data
the last second; the redirect itself never waits for either. What can't be counted while Redis is
away is written down as lost, directly in PostgreSQL: the pages say so in the same minute.
"""

import contextlib
import hashlib
import logging
import secrets
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import redis
from django.db import connection, transaction
from django.db.models import Sum

from partners.models import VisitLoss
from recruit import locks, valkey
from recruit.away import AWAY

FLUSH_SECONDS = 0.5
MOST_WAITING = 200_000
PREFIX = "recruit:visits:"
COUNTS, FOLDING = PREFIX + "counts", PREFIX + "folding"
SEEN_SECONDS = 2 * 3600
# The key of a day dies soon after it; then nobody can tell whether two hashes were one visitor.
KEY_OUTLIVES_DAY_SECONDS = 300
FOLD_LOCK = locks.key(7_314_002)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Arrival:
    """One request for a link. The address stays in this process's memory until the next flush."""

    link_id: int
    at: float
    address: str
    user_agent: str
    not_human: str


_waiting: deque[Arrival] = deque(maxlen=MOST_WAITING)
_flusher = threading.Lock()
_lost: Counter[int] = Counter()
_losing = threading.Lock()


def note(arrival: Arrival) -> None:
    """Remember an arrival until the next flush; returns at once, whatever Redis does."""
    if len(_waiting) == MOST_WAITING:
        _lose([_waiting[0]])
    _waiting.append(arrival)
    _wake()


def _wake() -> None:
    if not _flusher.locked() and _flusher.acquire(blocking=False):
        threading.Thread(target=_flush_until_idle, daemon=True, name="visits").start()


def _flush_until_idle() -> None:
    try:
        while _waiting:
            time.sleep(FLUSH_SECONDS)
            flush()
    finally:
        connection.close()  # of this thread alone: open only where something was lost
        _flusher.release()
    if _waiting:  # it came between the last look and the release
        _wake()


def flush() -> int:
    """Move what was noted to Redis and return how many; what Redis can't take is lost and told."""
    arrivals = [_waiting.popleft() for _ in range(len(_waiting))]
    try:
        if arrivals:
            _gather(arrivals)
    except valkey.AWAY as away:
        logger.warning("%d visits lost: Redis is away (%s)", len(arrivals), type(away).__name__)
        _lose(arrivals)
        arrivals = []
    if _lost:
        _write_down_losses()
    return len(arrivals)


def _lose(arrivals: Sequence[Arrival]) -> None:
    """Bots are no loss; of a person who came twice, both visits are: the number is an "about"."""
    with _losing:
        _lost.update(_hour(arrival) for arrival in arrivals if not arrival.not_human)


def _write_down_losses() -> None:
    """With PostgreSQL away as well, they wait in memory for the next flush."""
    with _losing:
        hours = sorted(_lost.items())
        try:
            with connection.cursor() as cursor:
                cursor.execute(LOSE, [list(column) for column in zip(*hours, strict=True)])
        except AWAY:
            return
        _lost.clear()


LOSE = """
INSERT INTO partners_visitloss (hour_at, value)
SELECT to_timestamp(hour), value FROM unnest(%s::bigint[], %s::int[]) AS lost (hour, value)
ON CONFLICT ON CONSTRAINT visit_loss_once_per_hour DO UPDATE SET
    value = partners_visitloss.value + excluded.value
"""


def lost(*, since: datetime) -> int:
    """Return about how many visits, of all partners, could not be counted."""
    losses = VisitLoss.objects.filter(hour_at__gte=since)
    return losses.aggregate(Sum("value"))["value__sum"] or 0


def _gather(arrivals: list[Arrival]) -> None:
    counts: Counter[str] = Counter()
    visitors = defaultdict(set)
    key = _daily_key(arrivals[-1].at)
    for arrival in arrivals:
        place = f"{arrival.link_id}:{_hour(arrival)}"
        counts[f"{place}:raw"] += 1
        if arrival.not_human:
            counts[f"{place}:bots"] += 1
            counts[f"{place}:{arrival.not_human}"] += 1
        else:
            visitors[place].add(_visitor(key, arrival))
    counts.update(_new_visitors(visitors))
    pipeline = valkey.client.pipeline(transaction=True)
    for field, number in counts.items():
        pipeline.hincrby(COUNTS, field, number)
    pipeline.execute()


def _new_visitors(visitors: dict[str, set[bytes]]) -> dict[str, int]:
    pipeline = valkey.client.pipeline(transaction=False)
    for name, hashes in visitors.items():
        pipeline.sadd(f"{PREFIX}seen:{name}", *hashes)
        pipeline.expire(f"{PREFIX}seen:{name}", SEEN_SECONDS)
    added = pipeline.execute()[::2]
    return {f"{name}:unique": number for name, number in zip(visitors, added, strict=True)}


def _hour(arrival: Arrival) -> int:
    return int(arrival.at // 3600) * 3600


def _daily_key(at: float) -> bytes:
    """Return the day's random key: shared through Redis, and destroyed soon after the day (UTC)."""
    day = int(at // 86400)
    name, key = f"{PREFIX}key:{day}", secrets.token_bytes(32)
    valkey.client.set(name, key, nx=True, exat=(day + 1) * 86400 + KEY_OUTLIVES_DAY_SECONDS)
    return cast(bytes | None, valkey.client.get(name)) or key


def _visitor(key: bytes, arrival: Arrival) -> bytes:
    who = f"{arrival.address}\n{arrival.user_agent}".encode()
    return hashlib.blake2b(who, key=key, digest_size=10).digest()


def fold() -> int:
    """Move what Redis gathered into VisitTally; return how many rows of link and hour changed.

    The counts leave Redis just before the commit: a crash in between loses a second of visits
    and never counts one twice. Any number of folders may run; one does the work. The lock is held
    across calls to Redis: each ends within REDIS_TIMEOUT_SECONDS, and nothing else waits for it.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [FOLD_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        rows, reasons = _take()
        for statement, added in ((ADD, rows), (ADD_REASONS, reasons)):
            if added:
                cursor.execute(statement, [list(column) for column in zip(*added, strict=True)])
        valkey.client.delete(FOLDING)
    return len(rows)


ADD = """
INSERT INTO partners_visittally (link_id, hour_at, raw, bots, "unique")
SELECT link.id, to_timestamp(gathered.hour), gathered.raw, gathered.bots, gathered.people
FROM unnest(%s::bigint[], %s::bigint[], %s::int[], %s::int[], %s::int[])
    AS gathered (link_id, hour, raw, bots, people)
JOIN partners_referrallink AS link ON link.id = gathered.link_id
ORDER BY link.id, gathered.hour
ON CONFLICT (link_id, hour_at) DO UPDATE SET
    raw = partners_visittally.raw + excluded.raw,
    bots = partners_visittally.bots + excluded.bots,
    "unique" = partners_visittally."unique" + excluded."unique"
"""


ADD_REASONS = """
INSERT INTO partners_bottally (link_id, hour_at, reason, value)
SELECT link.id, to_timestamp(gathered.hour), gathered.reason, gathered.value
FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::int[])
    AS gathered (link_id, hour, reason, value)
JOIN partners_referrallink AS link ON link.id = gathered.link_id
ORDER BY link.id, gathered.hour, gathered.reason
ON CONFLICT ON CONSTRAINT bot_tally_once_per_hour_and_reason DO UPDATE SET
    value = partners_bottally.value + excluded.value
"""

Rows = list[tuple[int, int, int, int, int]]
Reasons = list[tuple[int, int, str, int]]


def _take() -> tuple[Rows, Reasons]:
    """Set the gathered counts aside; what a killed folder had set aside comes first."""
    with contextlib.suppress(redis.ResponseError):  # nothing was gathered
        valkey.client.renamenx(COUNTS, FOLDING)
    gathered: dict[tuple[int, int], dict[str, int]] = defaultdict(dict)
    stored = cast(dict[bytes, bytes], valkey.client.hgetall(FOLDING))
    for field, number in stored.items():
        link_id, hour, name = field.decode().split(":")
        gathered[int(link_id), int(hour)][name] = int(number)
    rows = [
        (*place, *(found.pop(name, 0) for name in ("raw", "bots", "unique")))
        for place, found in gathered.items()
    ]
    # What is left are the reasons why the bots were taken for bots.
    reasons = [(*it, why, n) for it, found in gathered.items() for why, n in found.items()]
    return cast(Rows, rows), reasons
