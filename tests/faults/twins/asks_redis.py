"""A web server that asks Redis something at each POST, and waits for the answer."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import redis
from django.conf import settings

from recruit.wsgi import application as ours

SECONDS = 4


def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    if environ["REQUEST_METHOD"] == "POST":
        with suppress(redis.RedisError):
            redis.Redis.from_url(settings.REDIS_URL, socket_timeout=SECONDS).ping()
    return ours(environ, start)
