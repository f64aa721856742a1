"""What a claim costs before queues of several lengths, and how PostgreSQL finds what is due."""

import itertools
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import server
from debts import clock, owe

SIZES = (1_000, 100_000, 1_000_000)
CLAIMS, MOST = 40, 1.5


@dataclass(frozen=True)
class Queue:
    """Milliseconds of a claim, and of it with the last look, before so many due rows.

    CPU is ours and that of PostgreSQL's process: on a busy machine it is what tells them apart.
    """

    lane: str
    rows: int
    claim: float
    claim_cpu: float
    both_cpu: float


def measure(sizes: Sequence[int]) -> bool:
    """Claim before queues of several lengths in both lanes; say whether it costs the same."""
    from candidates.models import Lane  # noqa: PLC0415

    queues = [measured(lane.name, size) for lane in Lane for size in sizes]
    print(f"{'':28}{'claim ms':>9}{'CPU ms':>9}{'and look':>9}{'ratio':>8}")
    are_met = True
    for lane, group in itertools.groupby(queues, lambda it: it.lane):
        first, *others = group
        for queue in (first, *others):
            name = f"{lane.lower()}, {queue.rows:,} due"
            ratio = queue.claim_cpu / first.claim_cpu
            print(
                f"{name:28}{queue.claim:9.2f}{queue.claim_cpu:9.2f}{queue.both_cpu:9.2f}{ratio:8.2f}"
            )
        are_met &= ratio <= MOST
        print(f"  goal at most {MOST}: {'met' if ratio <= MOST else 'MISSED'}")
    return are_met


def measured(lane: str, rows: int) -> Queue:
    from django.db import connection  # noqa: PLC0415

    from candidates import followups  # noqa: PLC0415
    from candidates.followups import claiming  # noqa: PLC0415
    from candidates.models import FollowUp, Lane  # noqa: PLC0415

    owe(lane=lane, rows=rows)
    if rows == max(SIZES):
        print(explained(lane))
    connection.ensure_connection()
    walls, claims, both = [], [], []
    for _number in range(CLAIMS):
        wall, cpu = time.perf_counter(), cpu_seconds()
        claimed = claiming.claim(lane=Lane[lane], now=clock())
        walls.append(time.perf_counter() - wall)
        claims.append(cpu_seconds() - cpu)
        wanted = claiming.wanted(claimed=claimed, now=clock())
        both.append(cpu_seconds() - cpu)
        assert len(wanted) == followups.CLAIM, len(wanted)
        # To the end of the queue: it stays as long, and dead entries stay at its front for a while.
        ids = [it.id for it in claimed]
        FollowUp.objects.filter(id__in=ids).update(leased_until=None, due_at=clock())
    connection.close()
    return Queue(lane, rows, *(1000 * statistics.median(it) for it in (walls, claims, both)))


def cpu_seconds() -> float:
    """What this process and PostgreSQL's for it have worked so far."""
    from django.db import connection  # noqa: PLC0415

    return time.process_time() + server.backend_cpu(connection)


def explained(lane: str) -> str:
    """Return how PostgreSQL finds what is due, of the statement that the claim really makes."""
    from django.db import connection, transaction  # noqa: PLC0415

    from candidates.followups import claiming  # noqa: PLC0415
    from candidates.models import Lane  # noqa: PLC0415

    made: list[tuple[str, Any]] = []

    def keep(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001
        made.append((sql, params))
        return execute(sql, params, many, context)

    with transaction.atomic():
        with connection.execute_wrapper(keep):
            claiming.claim(lane=Lane[lane], now=clock())
        transaction.set_rollback(True)
    sql, params = next(it for it in made if "SKIP LOCKED" in it[0])
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) {sql}", params)
        transaction.set_rollback(True)
        return "\n".join(line for (line,) in cursor.fetchall())
