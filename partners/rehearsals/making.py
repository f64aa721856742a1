"""Making what a rehearsal runs on: a draft under a lease, which becomes the real one at once."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from partners.models import Rehearsal
from partners.rehearsals import copying, schemas
from recruit.rehearsal import versions

# Taken anew every LOOK_SECONDS: only a worker that died or froze lets it run out.
LEASE = timedelta(seconds=30)
MOST_ATTEMPTS = 3
LOOK_SECONDS = 0.5
MOST_SECONDS = 600
# Of the whole: the tables take longest.
TABLES_PERCENT = 80

Clock = Callable[[], datetime]


class Overtaken(Exception):
    """It was purged, or another worker makes it now."""


class NotMade(Exception):
    """The tables could not be made; what was said of it is in the words of this."""


def claim(*, now: datetime) -> Rehearsal | None:
    """Take the rehearsal that is owed, if nobody has it in hand."""
    free = Q(leased_until=None) | Q(leased_until__lt=now)
    owed = Rehearsal.objects.filter(free, ready_at=None, purging_at=None, purged_at=None)
    with transaction.atomic():
        locked = owed.filter(attempts__lt=MOST_ATTEMPTS).select_for_update(skip_locked=True)
        rehearsal = locked.first()
        if rehearsal:
            rehearsal.attempts += 1
            rehearsal.leased_until = now + LEASE
            rehearsal.save(update_fields=["attempts", "leased_until"])
    return rehearsal


def is_given_up(*, rehearsal: Rehearsal, now: datetime) -> bool:
    """Return whether no worker will try it again: then somebody has to purge it."""
    is_in_hand = rehearsal.leased_until is not None and rehearsal.leased_until >= now
    is_owed = rehearsal.ready_at is None and rehearsal.purging_at is None
    return is_owed and not is_in_hand and rehearsal.attempts >= MOST_ATTEMPTS


def make(*, rehearsal: Rehearsal, clock: Clock) -> None:
    """Make all of it anew; what an earlier attempt left is dropped. Raises Overtaken, NotMade."""
    draft = schemas.draft(rehearsal)
    _refuse_name_of_role()
    for left in schemas.leftovers("draft"):
        schemas.drop(left)
    schemas.create(draft)
    try:
        _make_tables(rehearsal, draft, clock)
        _advance(rehearsal, clock, Rehearsal.Step.COPYING, TABLES_PERCENT)
        with transaction.atomic():
            _see_one_moment()
            _fill(rehearsal, draft, clock)
    except Exception:
        schemas.drop(draft)
        raise


def _refuse_name_of_role() -> None:
    """PostgreSQL looks first into a schema that is called as the role is: so would the real day."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user::text")
        if cursor.fetchone()[0] == schemas.live():
            raise NotMade("the role of the database has this name: set REHEARSAL_SCHEMA")


def _see_one_moment() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


def _fill(rehearsal: Rehearsal, draft: str, clock: Clock) -> None:
    """Copy, and publish: the rename and the row that says so are one transaction."""
    copying.copy(drive=rehearsal.drive, schema=draft, now=clock())
    schemas.rename(draft, schemas.live())
    _advance(rehearsal, clock, Rehearsal.Step.COPYING, 100, ready_at=clock(), leased_until=None)


def _make_tables(rehearsal: Rehearsal, draft: str, clock: Clock) -> None:
    """Migrate in a process of its own, which knows of no other schema than this draft."""
    until = time.monotonic() + MOST_SECONDS
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, str(settings.BASE_DIR / "manage.py"), "migrate", "--verbosity", "0"],
        env=environment(draft),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        try:
            while child.poll() is None and time.monotonic() < until:
                made = len(versions.applied(schema=draft) or ())
                percent = TABLES_PERCENT * made // max(1, len(versions.brought()))
                _advance(rehearsal, clock, Rehearsal.Step.TABLES, percent)
                time.sleep(LOOK_SECONDS)
        finally:
            child.kill()  # nothing, if it has ended by itself
        said = child.stderr.read() if child.stderr else ""
    if child.returncode != 0:
        raise NotMade((said.strip().splitlines() or ["migrate failed"])[-1])


def environment(schema: str) -> dict[str, str]:
    """Name the database that we are connected to: a test has another than its variable says."""
    name = "REHEARSAL_DATABASE_URL" if os.environ.get("REHEARSAL_DATABASE_URL") else "DATABASE_URL"
    database = quote(str(connection.settings_dict["NAME"]), safe="")
    url = urlsplit(os.environ[name])
    return {
        **os.environ,
        "RECRUIT_REHEARSAL": "on",
        "REHEARSAL_SCHEMA": schema,
        "REHEARSAL_URL": settings.REHEARSAL_URL,
        "REHEARSAL_REDIS_URL": settings.REHEARSAL_REDIS_URL,
        name: f"{url.scheme}://{url.netloc}/{database}?{url.query}",
    }


def _advance(
    rehearsal: Rehearsal, clock: Clock, step: Rehearsal.Step, percent: int, **changes: object
) -> None:
    """Say how far it is and take the lease anew. Raises Overtaken where it is not ours any more."""
    lease, rehearsal.leased_until = rehearsal.leased_until, clock() + LEASE
    ours = Rehearsal.objects.filter(pk=rehearsal.pk, purging_at=None, leased_until=lease)
    told = {"leased_until": rehearsal.leased_until, "step": step, "percent": percent}
    if not ours.update(**(told | changes)):
        raise Overtaken
