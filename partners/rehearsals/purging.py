"""Ending a rehearsal: nobody gets in from one moment on, then all of it is dropped."""

import logging
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection, transaction

from partners.models import Rehearsal, User
from partners.rehearsals import schemas
from recruit import valkey
from recruit.rehearsal import alive
from recruit.rehearsal.tables import COUNTED

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Numbers:
    """What goes with a purge."""

    people: int = 0
    mails: int = 0
    credits: int = 0


def numbers() -> Numbers:
    """Count what there is in the rehearsal now; nothing, where it is not made yet."""
    if not schemas.exists(schemas.live()):
        return Numbers()
    return Numbers(**{name: sum(map(_count, tables)) for name, tables in COUNTED.items()})


def _count(table: str) -> int:
    schema = connection.ops.quote_name(schemas.live())
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {schema}.{table}")  # noqa: S608 - names of ours
        return int(cursor.fetchone()[0])


def purge(*, rehearsal: Rehearsal, by: User | None, now: datetime) -> bool:
    """Purge it, at whatever stage it is; return whether nothing of it is left already.

    Once the first transaction is committed nobody can sign up in it any more. Should what follows
    fail, or be cut short, a worker ends it.
    """
    with transaction.atomic():
        locked = Rehearsal.objects.select_for_update().get(pk=rehearsal.pk)
        if locked.purging_at is None:
            _close(locked, by, now)
    try:
        finish(now=now)
    except (DatabaseError, valkey.AWAY, OSError):
        logger.exception("Rehearsal %s is closed; a worker drops what is left", rehearsal.pk)
        return False
    return True


def _close(rehearsal: Rehearsal, by: User | None, now: datetime) -> None:
    """Write down what there was, in numbers: that is all that stays."""
    found = numbers()
    if schemas.exists(schemas.live()):
        schemas.rename(schemas.live(), schemas.gone(rehearsal))
    Rehearsal.objects.filter(pk=rehearsal.pk).update(
        purging_at=now,
        purged_by=by,
        leased_until=None,
        people=found.people,
        mails=found.mails,
        credits=found.credits,
    )


def finish(*, now: datetime) -> None:
    """Drop what a purge has closed, with what Redis and the demo's outbox hold of it."""
    closed = Rehearsal.objects.filter(purging_at__isnull=False, purged_at=None).first()
    if closed is None:
        return
    for name in schemas.leftovers("draft", "gone"):
        schemas.drop(name)
    _empty_redis()
    outbox = Path(settings.OUTBOX_DIR) / "rehearsal"
    if outbox.exists():
        shutil.rmtree(outbox)
    Rehearsal.objects.filter(pk=closed.pk).update(purged_at=now)


def _empty_redis() -> None:
    line = alive.elsewhere()
    line.flushdb()
    line.close()
