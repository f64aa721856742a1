"""Sending what is due, one connection for many letters, and resting when the server does."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend

from candidates import letters, pauses
from candidates.followups import claiming, grounding, outcomes, passage
from candidates.followups.claiming import Errand
from candidates.followups.passage import Passage
from candidates.models import Lane
from partners import mail_routes
from partners.mail_routes import PROVIDER
from recruit import replies
from recruit.answers import Answer

# Of the threads of a process, each with a connection of its own. What somebody waits for has its
# own, so that it leaves behind any backlog.
SENDERS = {Lane.URGENT: 1, Lane.BULK: settings.MAIL_CONNECTIONS}

Clock = Callable[[], datetime]
logger = logging.getLogger(__name__)
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
    """Send what is due now and return how many were claimed: fewer than CLAIM means all.

    Or 0, when none of them may leave yet: then it is not worth to ask for more at once.
    """
    if not _may_leave(lane, clock()):
        return 0
    claimed = claiming.claim(lane=lane, now=clock())
    wanted = claiming.wanted(claimed=claimed, now=clock())
    if not wanted:
        return len(claimed)
    batch = passage.admit(wanted=wanted, lane=lane, now=clock())
    if not batch.leaving:
        claiming.release(unsent=[errand.followup for errand in batch.back])
        return 0
    grounding.advance()
    _send_all(batch, clock)
    return len(claimed)


def _may_leave(lane: Lane, now: datetime) -> bool:
    is_ours = grounding.holds(now=now) and lane not in pauses.paused()
    return is_ours and not mail_routes.is_resting(key=PROVIDER, now=now)


def _send_all(batch: Passage, clock: Clock) -> None:
    """A server that can't be reached costs no letter an attempt; the unsent go back."""
    mail_server = get_connection()
    try:
        while batch.leaving and PROVIDER not in batch.closed:
            mail_server.open()  # once for all: send_messages would hang up after each mail
            errand = batch.leaving.popleft()
            if not batch.is_open(errand):
                batch.back.append(errand)
            elif claiming.begin(followup=errand.followup, now=clock()):
                _send(errand, mail_server, batch, clock)
    except OSError as outage:
        logger.warning("the mail server is away: %s", type(outage).__name__)
        batch.note_failed(PROVIDER, replies.AWAY, clock())
    finally:
        claiming.release(unsent=[it.followup for it in (*batch.leaving, *batch.back)])
        mail_server.close()


def _send(errand: Errand, mail_server: BaseEmailBackend, batch: Passage, clock: Clock) -> None:
    """Send one begun mail and record the outcome."""
    try:
        letter = letters.write(followup=errand.followup, partner=errand.partner)
        mail_server.send_messages([letter])
    except Exception as failure:  # noqa: BLE001 - one poison row must not stop the others
        answer = Answer(failure)
        if answer.needs_new_line:
            mail_server.close()  # the next letter opens it anew
        _note(errand, answer, batch, clock())
    else:
        batch.note_sent(errand)
        outcomes.sent(errand=errand, now=clock())


def _note(errand: Errand, answer: Answer, batch: Passage, now: datetime) -> None:
    is_closed = batch.blame(errand, answer.outcome, now)
    if is_closed and not answer.outcome.always_counts:
        followup = errand.followup
        outcomes.put_off(followup=followup, answer=answer, now=now, is_its_fault=False)
    else:
        outcomes.fail_or_put_off(errand=errand, answer=answer, now=now)
