"""A throw-away database beside the given one, and a corner of the given Redis: gone afterwards."""

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import redis

ROOT = Path(__file__).resolve().parent.parent
REDIS_CORNER = 9


@contextlib.contextmanager
def prepared() -> Iterator[dict[str, str]]:
    """Yield the environment of a migrated, empty database; Django is set up on it, here too."""
    url, redis_url = os.environ.get("DATABASE_URL"), os.environ.get("REDIS_URL")
    if not url or not redis_url:
        sys.exit("Set DATABASE_URL and REDIS_URL: ./run services prints them. See bench/README.md.")
    name = f"recruit_bench_{os.getpid()}"
    corner = f"{redis_url}{'&' if '?' in redis_url else '?'}db={REDIS_CORNER}"
    with psycopg.connect(url, autocommit=True) as server, tempfile.TemporaryDirectory() as outbox:
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            os.environ |= {
                "DATABASE_URL": urlsplit(url)._replace(path=f"/{name}").geturl(),
                "REDIS_URL": corner,
                "OUTBOX_DIR": outbox,
                "RECRUIT_MODE": "demo",
                "DJANGO_SETTINGS_MODULE": "recruit.settings",
                "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'bench'}",
            }
            sys.path[:0] = [str(ROOT), str(ROOT / "bench")]
            yield dict(os.environ)
        finally:
            server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            redis.Redis.from_url(corner).flushdb()
