"""How long each queue of Celery is, and since when its oldest message waits.

The broker keeps a queue as a list: new messages come in on the left, workers take the oldest from
the right. A sweep's message says when it is worth nothing any more, which tells when it was sent.
"""

import contextlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from django.conf import settings

from recruit import valkey
from recruit.schedule import QUEUES


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits in one queue; `oldest_at`: since when, where that can be told."""

    name: str
    waiting: int
    oldest_at: datetime | None


def look() -> list[Queue] | None:
    """Return every queue, or None where Redis is away."""
    pipeline = valkey.client.pipeline(transaction=False)
    for name in QUEUES:
        pipeline.llen(name)
        pipeline.lindex(name, -1)
    try:
        found = pipeline.execute()
    except valkey.AWAY:
        return None
    pairs = zip(found[::2], found[1::2], strict=True)
    return [
        Queue(name, cast(int, waiting), _sent_at(oldest))
        for name, (waiting, oldest) in zip(QUEUES, pairs, strict=True)
    ]


def _sent_at(message: bytes | None) -> datetime | None:
    with contextlib.suppress(ValueError, KeyError, TypeError):
        headers = json.loads(message or b"")["headers"]
        sweep: Any = settings.CELERY_BEAT_SCHEDULE[headers["task"]]
        lasts = timedelta(seconds=sweep["options"]["expires"])
        return datetime.fromisoformat(headers["expires"]).astimezone(UTC) - lasts
    return None
