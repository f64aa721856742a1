"""Sending what is owed, under a lease: news at most once, all else at least once.

News (`writing.NEWS`) is recorded as sent before it leaves: a crash in between costs one weekly
mail. All else is recorded afterwards: a crash in between sends it again, under one Message-ID.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet

from partners import mail_routes, readers
from partners.letters import outcomes, writing
from partners.mail_routes import PROVIDER, Grant
from partners.models import Letter
from recruit import replies
from recruit.answers import Answer

# Longer than the slowest mail: recruit.mail ends an attempt within 30 seconds.
LEASE = timedelta(minutes=1)
# What a way grants of which nothing is known.
OPEN = Grant(number=1, rests_until=None, failures=0)
REHEARSAL = "a rehearsal mails no news, and nobody without an account"

Clock = Callable[[], datetime]
logger = logging.getLogger(__name__)
# A server that hangs keeps one thread of the mail workers, never all of them.
_sender = threading.Lock()


def sweep(*, clock: Clock) -> int:
    """Send all that is due and return how many left. Leaves at once where a thread is at it."""
    if not _sender.acquire(blocking=False):
        return 0
    sent = 0
    try:
        while grant := _granted(clock()):
            sent += _send_one(grant, clock)
    finally:
        _sender.release()
    return sent


def _granted(now: datetime) -> Grant | None:
    """Ask our provider's way for the next letter; None where none is due, or none may leave now."""
    kind = _due(now).values_list("kind", flat=True).first()
    if kind is None:
        return None
    is_urgent = kind not in writing.NEWS
    grants = mail_routes.take(counts={PROVIDER: 1}, is_urgent=is_urgent, now=now)
    grant = grants.get(PROVIDER, OPEN)
    return grant if grant.number else None


def _send_one(grant: Grant, clock: Clock) -> bool:
    """A line of its own for each: one that was cut before news left would lose that news."""
    mail_server = get_connection()
    try:
        mail_server.open()  # before the claim: a server that is away costs no letter an attempt
    except OSError as outage:
        logger.warning("the mail server is away: %s", type(outage).__name__)
        outcomes.blame(outcome=replies.AWAY, grant=grant, now=clock())
        return False
    try:
        letter = claim(now=clock())
        return bool(letter and _send(letter, mail_server, grant, clock))
    finally:
        mail_server.close()


def _is_withheld(letter: Letter) -> bool:
    """News of a rehearsal is none, and its opt-out would be purged with it."""
    is_news = settings.IS_REHEARSAL and letter.kind in writing.NEWS
    return is_news or bool(readers.strangers(emails=[letter.recipient]))


def claim(*, now: datetime) -> Letter | None:
    """Take the letter that goes next for LEASE; nobody else is given the same one."""
    with transaction.atomic():
        letter = _due(now).select_for_update(skip_locked=True).first()
        if letter:
            is_news = letter.kind in writing.NEWS
            letter.attempts += 1
            outcomes.record(
                letter,
                leased_until=now + LEASE,
                attempts=letter.attempts,
                sent_at=now if is_news else None,
            )
    return letter


def _due(now: datetime) -> QuerySet[Letter]:
    """First that for which somebody waits, then what is owed longest."""
    owed = Letter.objects.filter(sent_at=None, given_up_at=None)
    due = owed.filter(Q(leased_until=None) | Q(leased_until__lte=now))
    is_waited_for = ExpressionWrapper(Q(kind=Letter.Kind.PASSWORD), BooleanField())
    return due.order_by(is_waited_for.desc(), "owed_at")


def _send(letter: Letter, mail_server: BaseEmailBackend, grant: Grant, clock: Clock) -> bool:
    is_sent = False
    if _is_withheld(letter):
        outcomes.give_up(letter=letter, why=REHEARSAL, now=clock())
        return False
    try:
        mail_server.send_messages([writing.write(letter=letter, now=clock())])
    except writing.NotWanted:
        outcomes.give_up(letter=letter, why="NotWanted", now=clock())
    except Exception as failure:  # noqa: BLE001 - one poison row must not stop the others
        outcomes.note(letter=letter, answer=Answer(failure), grant=grant, now=clock())
        return False
    else:
        outcomes.record(letter, sent_at=clock(), last_error="")
        is_sent = True
    if grant.failures:
        mail_routes.note_success(key=PROVIDER)
    return is_sent
