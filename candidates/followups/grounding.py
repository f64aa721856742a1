"""Notices that this database was restored from a backup, before it sends again what left since.

Two witnesses. The place (server, database, table) is written into the database itself: a dump that
was restored finds itself elsewhere. The mark grows with every claim that is sent, and Redis keeps a
copy of what was committed: a server that was put back to an earlier moment is behind it.

What can't be noticed: a server put back to an earlier moment, all in the same place, whose Redis
lost the mark, or was put back together with it. A Redis that is empty or away is no alarm, since
it may be lost at any time.
"""

import logging
from datetime import datetime
from functools import lru_cache, partial
from typing import cast

from django.db import connection, transaction

from candidates import pauses
from candidates.models import Lane, MailGround, MailPause
from recruit import valkey

KEY, MEMBER = "recruit:mail", "mark"
ROW = 1

# The oid of the table tells even a dump that was restored over the tables of the same database.
LOOK = """
SELECT concat_ws('/', ({server}), (SELECT oid FROM pg_database WHERE datname = current_database()),
    'candidates_mailground'::regclass::oid), ground.place, ground.mark
FROM (SELECT 1) AS always LEFT JOIN candidates_mailground AS ground ON ground.id = {row}
"""
SERVER = "SELECT system_identifier FROM pg_control_system()"
NO_SERVER = "SELECT 'managed'"
MAY_ASK = "SELECT has_function_privilege('pg_control_system()', 'execute')"

logger = logging.getLogger(__name__)


def holds(*, now: datetime) -> bool:
    """Whether mail may leave from here; if not, pause both lanes and say so, once.

    Noticing it is also what makes the new ground ours, in the transaction of the pauses: a
    colleague who resumes them has decided, and nothing is left to be set right by hand.
    """
    witness = _witness()  # before the row, which is never behind what was copied from it
    here, ground = _look()
    if ground.place == here and ground.mark >= witness:
        return True
    with transaction.atomic():
        as_seen = MailGround.objects.filter(pk=ROW, place=ground.place, mark=ground.mark)
        if as_seen.update(place=here, mark=max(ground.mark, witness)):
            _alarm(ground, here, witness, now)
    return False


def advance() -> None:
    """Say that mail is about to leave; a backup that is older than this is noticed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE candidates_mailground SET mark = mark + 1 WHERE id = %s RETURNING mark", [ROW]
        )
        row = cursor.fetchone()
    if row:
        transaction.on_commit(partial(_copy, row[0]))


def _alarm(ground: MailGround, here: str, witness: int, now: datetime) -> None:
    for lane in Lane:
        pauses.pause(lane=lane, reason=MailPause.Reason.RESTORED, now=now)
    logger.error(
        "all mail is paused: this database was restored from a backup (%s). What has left since "
        "would leave again. Look at what is due, then resume it in the admin.",
        f"it stood at {ground.place} and stands at {here}"
        if ground.place != here
        else f"{witness - ground.mark} claims are missing",
    )


def _look() -> tuple[str, MailGround]:
    """Return where we are, and where the database says that it is: at first, here."""
    with connection.cursor() as cursor:
        cursor.execute(LOOK.format(server=SERVER if _may_ask() else NO_SERVER, row=ROW))
        here, place, mark = cursor.fetchone()
    if place is None:
        MailGround.objects.bulk_create([MailGround(pk=ROW, place=here)], ignore_conflicts=True)
        return here, MailGround.objects.get(pk=ROW)
    return here, MailGround(pk=ROW, place=place, mark=mark)


@lru_cache
def _may_ask() -> bool:
    """A managed PostgreSQL may not tell its name: the oids are left."""
    with connection.cursor() as cursor:
        cursor.execute(MAY_ASK)
        return cast(bool, cursor.fetchone()[0])


def _witness() -> int:
    try:
        return int(valkey.client.zscore(KEY, MEMBER) or 0)
    except valkey.AWAY as away:
        logger.warning("no witness for the ground of mail: %s", type(away).__name__)
        return 0


def _copy(mark: int) -> None:
    """A copy never goes back: two workers may be here at once."""
    try:
        valkey.client.zadd(KEY, {MEMBER: mark}, gt=True)
    except valkey.AWAY as away:
        logger.warning("the mark of mail was not copied: %s", type(away).__name__)
