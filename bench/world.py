"""Databases of a full-grown drive, each of its own size and with a process of its own to ask."""

import contextlib
import multiprocessing
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

HERE = Path(__file__).resolve().parent
INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid IN ('candidates_candidate'::regclass, 'candidates_consent'::regclass,
        'partners_credit'::regclass, 'partners_tally'::regclass)
    AND indexrelid NOT IN (SELECT conindid FROM pg_constraint)
"""
CREDITS_OF_ONE = 1.7433  # what becomes of one person in world.sql, on average


@contextlib.contextmanager
def grown(*, credits: int) -> Iterator[ProcessPoolExecutor]:
    """Yield a process with Django set up on a new database of about so many credits."""
    url = os.environ.get("DATABASE_URL")
    if not url:
        sys.exit("Set DATABASE_URL and REDIS_URL: ./run services prints them. See bench/README.md.")
    name = f"recruit_bench_{os.getpid()}_{credits}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            own = urlsplit(url)._replace(path=f"/{name}").geturl()
            with ProcessPoolExecutor(
                1, multiprocessing.get_context("spawn"), prepare, (own,)
            ) as process:
                process.submit(fill, round(credits / CREDITS_OF_ONE)).result()
                yield process
        finally:
            server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def prepare(url: str) -> None:
    """Set up Django on this database, in the process that will ask it."""
    os.environ |= {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "recruit.settings"}
    os.environ |= {"RECRUIT_MODE": "test", "REDIS_URL": "redis://127.0.0.1:1"}
    sys.path[:0] = [str(HERE.parent)]
    import django  # noqa: PLC0415 - only now does it know its database

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    call_command("migrate", verbosity=0)


def fill(people: int) -> None:
    from candidates.admin.filters import STATES  # noqa: PLC0415

    given = {"people": people, "states": STATES, "state_count": len(STATES)}
    url = os.environ["DATABASE_URL"]
    with psycopg.connect(url, autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
        # An index that is built over all rows at once costs a tenth of one that grows with them.
        known = connection.execute(INDEXES).fetchall()
        for name, _definition in known:
            connection.execute(f"DROP INDEX {name}")
        connection.execute((HERE / "world.sql").read_text(), given)
        for _name, definition in known:
            connection.execute(definition)
        connection.execute("VACUUM (ANALYZE)")
