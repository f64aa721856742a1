"""The processes of a rehearsal say that they live, in its own Redis; the real admin reads it."""

import contextlib
import threading
import time
from typing import cast

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from recruit import valkey

PREFIX = "recruit:alive:"
EVERY_SECONDS, LASTS_SECONDS = 5.0, 15
WEB = "web"
# What has to run for a day to be rehearsed: the web, and a worker for each of these queues.
NEEDED = (WEB, "celery", "mail", "bulk", "files")

_said_at: dict[str, float] = {}


def say(who: str) -> None:
    """Say it, at most once in EVERY_SECONDS; where Redis is away, nobody hears it."""
    now = time.monotonic()
    if now - _said_at.get(who, -EVERY_SECONDS) >= EVERY_SECONDS:
        _said_at[who] = now
        with contextlib.suppress(valkey.AWAY):
            valkey.client.set(f"{PREFIX}{who}", 1, ex=LASTS_SECONDS)


def keep_saying(who: str) -> None:
    """Say it for as long as this process lives: nobody may come to a page for minutes."""

    def speak() -> None:
        while True:
            say(who)
            time.sleep(EVERY_SECONDS)

    threading.Thread(target=speak, name="alive", daemon=True).start()


def silent() -> list[str]:
    """Return which of those that are needed have not been heard of; all, where Redis is away."""
    line = elsewhere()
    try:
        heard = cast(list[bytes | None], line.mget([f"{PREFIX}{who}" for who in NEEDED]))
    except valkey.AWAY:
        return list(NEEDED)
    finally:
        line.close()
    return [who for who, word in zip(NEEDED, heard, strict=True) if word is None]


def elsewhere() -> redis.Redis:
    """Return a line to the Redis of the rehearsal, from a process that serves the real day."""
    return redis.Redis.from_url(
        settings.REHEARSAL_REDIS_URL,
        socket_timeout=settings.REDIS_TIMEOUT_SECONDS,
        socket_connect_timeout=settings.REDIS_TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
