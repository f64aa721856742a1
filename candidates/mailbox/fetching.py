"""Fetching what came back by POP3: recorded first, deleted afterwards.

What was recorded and not deleted is fetched again and recorded once. Answers of people are never
deleted: staff want to read them. Neither is what we do not understand.
"""

import contextlib
import hashlib
import logging
import poplib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import takewhile
from typing import NamedTuple
from uuid import UUID

from django.conf import settings

from candidates import events
from candidates.mailbox import reading
from candidates.models import MailEvent
from recruit import deadlines

PROVIDER = "mailbox"
MOST_AT_ONCE = 200
# After the second no other mail is begun, so that good-bye is said, and what was read deleted.
ANSWER_SECONDS, READ_SECONDS, RUN_SECONDS = 10, 30, 50
# Of a longer one the first lines are enough: a report stands before the mail that it brings back.
LONGEST, LINES = 500_000, 400
# How many names of mails that stay we keep in mind.
MOST_REMEMBERED = 20_000
# Of a line, where poplib gives up at 2,048, in the middle of a mail.
LONGEST_LINE = 1_000_000

poplib._MAXLINE = LONGEST_LINE  # type: ignore[attr-defined]  # noqa: SLF001 - it has no other door

Clock = Callable[[], datetime]
logger = logging.getLogger(__name__)
_reader = threading.Lock()
# Mails that this process has looked at and that stay where they are.
_left: set[str] = set()


class Waiting(NamedTuple):
    """A mail in the box: its number in this conversation, and its name for good."""

    number: int
    name: str
    size: int


def sweep(*, clock: Clock) -> int:
    """Read what came back and return how many were deleted; at once where a thread is at it."""
    if not settings.BOUNCE_MAILBOX or not _reader.acquire(blocking=False):
        return 0
    told: Counter[str] = Counter()
    try:
        with _opened() as box:
            for mail in _in_time(_waiting(box)):
                told[_settle(box, mail, clock())] += 1
    except (OSError, poplib.error_proto, EOFError) as trouble:
        logger.warning("the bounce mailbox broke off: %s", type(trouble).__name__)
    finally:
        _reader.release()
    if told["left"]:
        logger.warning("%d mails in the bounce mailbox are not understood", told["left"])
    return told["deleted"]


@contextlib.contextmanager
def _opened() -> Iterator[poplib.POP3]:
    """Log in; good-bye is what makes the server delete. The whole run has RUN_SECONDS."""
    where = settings.BOUNCE_MAILBOX
    kind = poplib.POP3_SSL if where["is_tls"] else poplib.POP3
    box = kind(where["host"], where["port"], timeout=ANSWER_SECONDS)
    try:
        with deadlines.within(RUN_SECONDS, lambda: deadlines.shut(box.sock)):
            box.user(where["user"])
            box.pass_(where["password"])
            yield box
            box.quit()
    finally:
        box.close()


def _waiting(box: poplib.POP3) -> list[Waiting]:
    """Return what has not been looked at, oldest first, as many as one run takes."""
    names = dict(line.split()[:2] for line in box.uidl()[1])
    sizes = dict(line.split()[:2] for line in box.list()[1])
    found = [
        Waiting(int(number), name.decode("ascii", "replace"), int(sizes.get(number, b"0")))
        for number, name in names.items()
    ]
    _left.intersection_update({it.name for it in found})
    return [it for it in found if it.name not in _left][:MOST_AT_ONCE]


def _in_time(mails: list[Waiting]) -> Iterator[Waiting]:
    until = time.monotonic() + READ_SECONDS
    return takewhile(lambda _mail: time.monotonic() < until, mails)


def _settle(box: poplib.POP3, mail: Waiting, now: datetime) -> str:
    """Record what it says, then delete it; say what became of it."""
    _answer, lines, _size = (
        box.retr(mail.number) if mail.size <= LONGEST else box.top(mail.number, LINES)
    )
    content = b"\r\n".join(lines)
    understood = reading.read(content=content)
    if understood and understood.kind and understood.followup_id:
        _record(understood, understood.kind, understood.followup_id, content, now)
    if understood and not understood.is_from_a_person:
        box.dele(mail.number)
        return "deleted"
    if len(_left) < MOST_REMEMBERED:
        _left.add(mail.name)
    return "kept" if understood else "left"


def _record(
    said: reading.Understood,
    kind: MailEvent.Kind,
    followup_id: UUID,
    content: bytes,
    now: datetime,
) -> None:
    events.record(
        provider=PROVIDER,
        event_id=hashlib.sha256(content).hexdigest(),
        kind=kind,
        followup_id=followup_id,
        at=said.at or now,
        detail=said.detail,
        now=now,
    )
