"""Sending what is due, one connection for many letters, and resting when the server does."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend

from candidates import letters
from candidates.followups import claiming, outcomes
from candidates.followups.breaker import Breaker
from candidates.models import FollowUp

# Of the threads of a process; the others are for the letters that somebody waits for.
MOST_SENDERS = 2

Clock = Callable[[], datetime]
logger = logging.getLogger(__name__)
breaker = Breaker()
_senders = threading.BoundedSemaphore(MOST_SENDERS)


def sweep(*, clock: Clock) -> None:
    """Send until nothing is due. Leaves at once where MOST_SENDERS are at it."""
    if not _senders.acquire(blocking=False):
        return
    try:
        while send_due(clock=clock) == claiming.CLAIM:
            pass
    finally:
        _senders.release()


def send_due(*, clock: Clock) -> int:
    """Send what is due now and return how many were claimed: fewer than CLAIM means all."""
    if breaker.is_resting(clock()):
        return 0
    claimed = claiming.claim(now=clock())
    wanted = claiming.wanted(claimed=claimed, now=clock())
    if wanted:
        _send_all(wanted, clock)
    return len(claimed)


def _send_all(wanted: Sequence[FollowUp], clock: Clock) -> None:
    """A server that can't be reached costs no letter an attempt; the unsent go back."""
    unsent = deque(wanted)
    mail_server = get_connection()
    try:
        while unsent and not breaker.is_resting(clock()):
            mail_server.open()  # once for all: send_messages would hang up after each mail
            followup = unsent.popleft()
            if claiming.begin(followup=followup, now=clock()):
                _send(followup, mail_server, clock)
    except OSError as outage:
        logger.warning("the mail server is away: %s", type(outage).__name__)
        breaker.rest(clock())
    finally:
        claiming.release(unsent=unsent)
        mail_server.close()


def _send(followup: FollowUp, mail_server: BaseEmailBackend, clock: Clock) -> None:
    """Send one begun mail and record the outcome."""
    try:
        mail_server.send_messages([letters.write(followup=followup)])
    except Exception as failure:  # noqa: BLE001 - one poison row must not stop the others
        answer = outcomes.Answer(failure)
        if answer.is_outage:
            mail_server.close()  # the next letter opens it anew
        _note(followup, answer, clock())
    else:
        breaker.note_accepted()
        outcomes.sent(followup=followup, now=clock())


def _note(followup: FollowUp, answer: outcomes.Answer, now: datetime) -> None:
    refuses_everybody = False
    if answer.is_outage:
        logger.warning("the mail server hung up on a letter: %s", answer.error)
        breaker.note_hang_up(now)
    elif answer.is_refusal and not answer.is_about_reader:
        refuses_everybody = breaker.note_refusal(now)
    elif answer.code:
        breaker.note_answered()
    if refuses_everybody:
        outcomes.put_off(followup=followup, answer=answer, now=now, is_its_fault=False)
    else:
        outcomes.fail_or_put_off(followup=followup, answer=answer, now=now)
