"""How many answers and tasks failed in each minute, over all processes: a number and nothing more.

Counted in Redis, because PostgreSQL may be what fails. A count that Redis can't take is dropped,
and for a while nobody waits for it again: an answer that went wrong must not hang, too.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, cast

from celery.signals import task_failure

from recruit import valkey

PREFIX = "recruit:errors:"
KEPT_SECONDS = 2 * 3600
QUIET_SECONDS = 10.0
MINUTE = timedelta(minutes=1)


class Kind(StrEnum):
    """What somebody got instead of what they asked for."""

    ERROR = "500"
    AWAY = "503"
    TASK = "task"


@dataclass(frozen=True, slots=True)
class Failures:
    """The failures of some minutes by their kind."""

    errors: int = 0
    away: int = 0
    tasks: int = 0

    @property
    def answers(self) -> int:
        return self.errors + self.away


class _Rest:
    """Until when Redis is left alone, in the clock of this process."""

    until = 0.0


def note(kind: Kind) -> None:
    """Count one failure in this minute; never fails, and waits once in QUIET_SECONDS at most."""
    if time.monotonic() < _Rest.until:
        return
    key = f"{PREFIX}{int(time.time()) // 60}"
    try:
        pipeline = valkey.client.pipeline(transaction=False)
        pipeline.hincrby(key, kind, 1)
        pipeline.expire(key, KEPT_SECONDS)
        pipeline.execute()
    except valkey.AWAY:
        _Rest.until = time.monotonic() + QUIET_SECONDS


def lately(*, minutes: int, now: datetime) -> Failures | None:
    """Return the failures of the last so many minutes, this one included; None without Redis."""
    newest = int(now.astimezone(UTC).timestamp()) // 60
    pipeline = valkey.client.pipeline(transaction=False)
    for minute in range(newest - minutes + 1, newest + 1):
        pipeline.hgetall(f"{PREFIX}{minute}")
    try:
        found = cast(list[dict[bytes, bytes]], pipeline.execute())
    except valkey.AWAY:
        return None

    def total(kind: Kind) -> int:
        return sum(int(it.get(kind.encode(), 0)) for it in found)

    return Failures(total(Kind.ERROR), total(Kind.AWAY), total(Kind.TASK))


@task_failure.connect(dispatch_uid="recruit.errors")
def _note_task(**_told: Any) -> None:
    note(Kind.TASK)
