"""Sending what is owed, under a lease: news at most once, all else at least once.

News (`writing.NEWS`) is recorded as sent before it leaves: a crash in between costs one weekly
mail. All else is recorded afterwards: a crash in between sends it again, under one Message-ID.
"""

import logging
import smtplib
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import Q, QuerySet

from partners.letters import writing
from partners.models import Letter

# Longer than the slowest mail: recruit.mail ends an attempt within 30 seconds.
LEASE = timedelta(minutes=1)
FIRST_RETRY, LONGEST_RETRY = timedelta(seconds=30), timedelta(hours=6)
# A refusal might be meant for everybody, so it takes a second one.
MOST_ATTEMPTS, MOST_ATTEMPTS_REFUSED = 12, 2

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
        while _due(clock()).exists():
            sent += _send_one(clock)
    except OSError as outage:
        logger.warning("the mail server is away: %s", type(outage).__name__)
    finally:
        _sender.release()
    return sent


def _send_one(clock: Clock) -> bool:
    """A line of its own for each: one that was cut before news left would lose that news."""
    mail_server = get_connection()
    try:
        mail_server.open()  # before the claim: a server that is away costs no letter an attempt
        letter = claim(now=clock())
        return bool(letter and _send(letter, mail_server, clock))
    finally:
        mail_server.close()


def claim(*, now: datetime) -> Letter | None:
    """Take the letter that is owed longest for LEASE; nobody else is given the same one."""
    with transaction.atomic():
        letter = _due(now).order_by("owed_at").select_for_update(skip_locked=True).first()
        if letter:
            is_news = letter.kind in writing.NEWS
            letter.attempts += 1
            _record(
                letter,
                leased_until=now + LEASE,
                attempts=letter.attempts,
                sent_at=now if is_news else None,
            )
    return letter


def _due(now: datetime) -> QuerySet[Letter]:
    owed = Letter.objects.filter(sent_at=None, given_up_at=None)
    return owed.filter(Q(leased_until=None) | Q(leased_until__lte=now))


def _send(letter: Letter, mail_server: BaseEmailBackend, clock: Clock) -> bool:
    try:
        mail_server.send_messages([writing.write(letter=letter)])
    except writing.NotWanted:
        _record(letter, given_up_at=clock(), sent_at=None)
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException) as refusal:
        _note(letter, refusal, clock())
    except OSError as hang_up:  # nobody knows whether it took the letter, so news stays as sent
        if letter.kind not in writing.NEWS:
            _note(letter, hang_up, clock())
        raise
    except Exception as failure:  # noqa: BLE001 - one poison row must not stop the others
        _note(letter, failure, clock())
    else:
        _record(letter, sent_at=clock())
        return True
    return False


def _note(letter: Letter, failure: Exception, now: datetime) -> None:
    """Owe it again later, twice as late each time, until it had its attempts."""
    is_refused = _code(failure) >= 500
    logger.warning("letter %s did not leave: %s", letter.id, type(failure).__name__)
    if letter.attempts >= (MOST_ATTEMPTS_REFUSED if is_refused else MOST_ATTEMPTS):
        _record(letter, given_up_at=now, sent_at=None)
    else:
        _put_off(letter, now)


def _code(failure: Exception) -> int:
    """Return what the server answered (RFC 5321, 4.2.1: 4xx may pass, 5xx will not), or 0."""
    if isinstance(failure, smtplib.SMTPRecipientsRefused):
        return max(code for code, _text in failure.recipients.values())
    return failure.smtp_code if isinstance(failure, smtplib.SMTPResponseException) else 0


def _put_off(letter: Letter, now: datetime) -> None:
    wait = min(FIRST_RETRY * 2 ** (letter.attempts - 1), LONGEST_RETRY)
    _record(letter, leased_until=now + wait, sent_at=None)


def _record(letter: Letter, **changes: object) -> None:
    Letter.objects.filter(id=letter.id).update(**changes)
