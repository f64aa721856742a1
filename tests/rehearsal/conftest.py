"""A rehearsal that was really made, and what there is in the whole database, by its catalogue."""

import hashlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connection
from django.utils import timezone

from candidates.replay.browser import Browser, Line
from partners import rehearsals
from partners.models import Drive, Rehearsal, User
from partners.rehearsals import making, schemas
from recruit.rehearsal import alive
from tests.local.house import free_port

# The acts themselves are all that a rehearsal leaves in what is real.
ACTS = {"partners_rehearsal"}
TABLES = """
SELECT nspname, relname FROM pg_class JOIN pg_namespace AS space ON space.oid = relnamespace
WHERE relkind IN ('r', 'p', 'm') AND nspname !~ '^(pg_|information_schema)' ORDER BY 1, 2
"""

Content = dict[str, tuple[int, str]]


def tables() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        return list(cursor.fetchall())


def real() -> Content:
    """Return of every real table how many rows it has, and a sum over all that is in them."""
    found = {}
    with connection.cursor() as cursor:
        for schema, table in tables():
            if schema == "public" and table not in ACTS:
                cursor.execute(f'SELECT row::text FROM "{table}" AS row ORDER BY 1')
                rows = [row for (row,) in cursor.fetchall()]
                found[table] = (len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest())
    return found


def places_of(word: str) -> set[str]:
    """Return the schemas in which any column of any table says this."""
    found = set()
    with connection.cursor() as cursor:
        for schema, table in tables():
            cursor.execute(
                f'SELECT EXISTS (SELECT FROM "{schema}"."{table}" AS row WHERE row::text ILIKE %s)',
                [f"%{word}%"],
            )
            if cursor.fetchone()[0]:
                found.add(schema)
    return found


@pytest.fixture
def _nothing_stays(transactional_db: None) -> Iterator[None]:
    yield
    for name in (schemas.live(), *schemas.leftovers("draft", "gone")):
        schemas.drop(name)
    line = alive.elsewhere()
    line.flushdb()
    line.close()


Begin = Callable[[], Rehearsal]
ALIKE = """
DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('CREATE TABLE {draft}.%I (LIKE public.%I INCLUDING ALL)', name, name);
    END LOOP;
    INSERT INTO {draft}.django_migrations SELECT * FROM public.django_migrations;
END $$
"""


def make_alike(_rehearsal: Rehearsal, draft: str, _clock: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(ALIKE.format(draft=draft))


@pytest.fixture
def begin(begin_whole: Begin, monkeypatch: pytest.MonkeyPatch) -> Begin:
    """Begin one on tables like ours, without their triggers: to migrate takes ten times as long."""
    monkeypatch.setattr(making, "_make_tables", make_alike)
    return begin_whole


@pytest.fixture
def begin_whole(
    _nothing_stays: None, drive: Drive, staffer: User, settings: LazySettings, tmp_path: object
) -> Begin:
    """Begin a rehearsal, and have a worker make it."""
    settings.OUTBOX_DIR = tmp_path

    def begin() -> Rehearsal:
        begun = rehearsals.begin(drive=drive, by=staffer, now=timezone.now())
        rehearsals.tend(clock=timezone.now)
        begun.refresh_from_db()
        assert begun.ready_at, begun.last_error
        return begun

    return begin


WEB = ("granian", "--interface", "wsgi", "--host", "127.0.0.1", "--workers", "1", "--port")
WORKER = ("celery", "-A", "recruit", "worker", "--pool", "threads", "--concurrency", "4", "--beat")


@pytest.fixture
def processes_of_it(settings: LazySettings, tmp_path: Path) -> Iterator[Browser]:
    """Web, worker and beat of a rehearsal, as production starts them; a browser before them."""
    port = free_port()
    settings.REHEARSAL_URL = f"http://127.0.0.1:{port}"
    env = making.environment("rehearsal") | {"RECRUIT_MODE": "demo", "OUTBOX_DIR": str(tmp_path)}
    web = (*WEB, str(port), "recruit.wsgi:application")
    worker = (*WORKER, "--schedule", str(tmp_path / "beat"))
    log = (tmp_path / "log").open("w")
    children = [
        subprocess.Popen(
            [sys.executable, "-m", *words],
            cwd=settings.BASE_DIR,
            env=env,
            stdout=log,
            stderr=log,
        )
        for words in (web, worker)
    ]
    line = Line(base_url=settings.REHEARSAL_URL)
    yield Browser(line, "a browser of somebody")
    line.close()
    for child in children:
        child.terminate()
    for child in children:
        child.wait(30)
    log.close()
