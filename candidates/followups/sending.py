"""Sending what is due, one connection for many letters, and resting when the server does."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend

from candidates import letters, pauses
from candidates.followups import claiming, grounding, outcomes
from candidates.followups.breaker import Breaker
from candidates.followups.claiming import Errand
from candidates.models import Lane

# Of the threads of a process, each with a connection of its own. What somebody waits for has its
# own, so that it leaves behind any backlog.
SENDERS = {Lane.URGENT: 1, Lane.BULK: settings.MAIL_CONNECTIONS}

Clock = Callable[[], datetime]
logger = logging.getLogger(__name__)
breaker = Breaker()
_senders = {lane: threading.BoundedSemaphore(most) for lane, most in SENDERS.items()}


def sweep(*, lane: Lane, clock: Clock) -> None:
    """Send until nothing is due in this lane. Leaves at once where enough threads are at it."""
    if not _senders[lane].acquire(blocking=False):
        return
    try:
        while send_due(lane=lane, clock=clock) == claiming.CLAIM:
            pass
    finally:
        _senders[lane].release()


def send_due(*, lane: Lane, clock: Clock) -> int:
    """Send what is due now and return how many were claimed: fewer than CLAIM means all."""
    if breaker.is_resting(clock()) or not _may_leave(lane, clock()):
        return 0
    claimed = claiming.claim(lane=lane, now=clock())
    wanted = claiming.wanted(claimed=claimed, now=clock())
    if wanted:
        grounding.advance()
        _send_all(wanted, clock)
    return len(claimed)


def _may_leave(lane: Lane, now: datetime) -> bool:
    return grounding.holds(now=now) and lane not in pauses.paused()


def _send_all(wanted: Sequence[Errand], clock: Clock) -> None:
    """A server that can't be reached costs no letter an attempt; the unsent go back."""
    unsent = deque(wanted)
    mail_server = get_connection()
    try:
        while unsent and not breaker.is_resting(clock()):
            mail_server.open()  # once for all: send_messages would hang up after each mail
            errand = unsent.popleft()
            if claiming.begin(followup=errand.followup, now=clock()):
                _send(errand, mail_server, clock)
    except OSError as outage:
        logger.warning("the mail server is away: %s", type(outage).__name__)
        breaker.rest(clock())
    finally:
        claiming.release(unsent=[errand.followup for errand in unsent])
        mail_server.close()


def _send(errand: Errand, mail_server: BaseEmailBackend, clock: Clock) -> None:
    """Send one begun mail and record the outcome."""
    try:
        letter = letters.write(followup=errand.followup, partner=errand.partner)
        mail_server.send_messages([letter])
    except Exception as failure:  # noqa: BLE001 - one poison row must not stop the others
        answer = outcomes.Answer(failure)
        if answer.is_outage:
            mail_server.close()  # the next letter opens it anew
        _note(errand, answer, clock())
    else:
        breaker.note_accepted()
        outcomes.sent(errand=errand, now=clock())


def _note(errand: Errand, answer: outcomes.Answer, now: datetime) -> None:
    refuses_everybody = False
    if answer.is_outage:
        logger.warning("the mail server hung up on a letter: %s", answer.error)
        breaker.note_hang_up(now)
    elif answer.is_refusal and not answer.is_about_reader:
        refuses_everybody = breaker.note_refusal(now)
    elif answer.code:
        breaker.note_answered()
    if refuses_everybody:
        followup = errand.followup
        outcomes.put_off(followup=followup, answer=answer, now=now, is_its_fault=False)
    else:
        outcomes.fail_or_put_off(errand=errand, answer=answer, now=now)
