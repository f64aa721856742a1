"""What became of a mail: sent, owed again later, or failed for good and shown to staff."""

import logging
from datetime import datetime

from django.db import transaction

from candidates import events
from candidates.followups import settling
from candidates.followups.claiming import Errand
from candidates.models import FollowUp, MailEvent
from recruit import replies
from recruit.answers import Answer

TOLD_BY = "smtp"

State = FollowUp.State
logger = logging.getLogger(__name__)


def sent(*, errand: Errand, now: datetime) -> None:
    settling.settle(
        followup=errand.followup,
        following=errand.following,
        now=now,
        state=State.SENT,
        sent_at=now,
        last_error="",
    )


def fail_or_put_off(*, errand: Errand, answer: Answer, now: datetime) -> None:
    """Owe it again later, twice as late each time, until it had its attempts."""
    followup = errand.followup
    if followup.attempts < answer.outcome.most_attempts:
        if followup.attempts == 1:
            _record(followup, answer, MailEvent.Kind.DEFERRED, now)
        put_off(followup=followup, answer=answer, now=now)
    else:
        _fail(errand, answer, now)


def _fail(errand: Errand, answer: Answer, now: datetime) -> None:
    """Show it to staff as failed. What suppresses the address sets aside what would follow."""
    logger.error("follow-up %s failed for good: %s", errand.followup.id, answer.error)
    with transaction.atomic():
        settling.settle(
            followup=errand.followup,
            following=errand.following,
            now=now,
            state=State.FAILED,
            last_error=answer.error,
        )
        _record(errand.followup, answer, answer.outcome.event, now)


def _record(followup: FollowUp, answer: Answer, kind: str, now: datetime) -> None:
    """Write down what the server said of this mail; what it says of us all is in the log."""
    if not answer.code or not kind:
        return
    events.record(
        provider=TOLD_BY,
        event_id=f"{followup.id}:{kind}:{now.isoformat()}",  # sent again, it bounces anew
        kind=MailEvent.Kind(kind),
        followup_id=followup.id,
        at=now,
        detail=answer.detail,
        now=now,
    )


def put_off(
    *, followup: FollowUp, answer: Answer, now: datetime, is_its_fault: bool = True
) -> None:
    """Owe it again later; what is closed to everybody costs it no attempt."""
    due_at = now + replies.wait(attempts=followup.attempts)
    attempts = followup.attempts - (not is_its_fault)
    settling.put_off(followup=followup, due_at=due_at, attempts=attempts, last_error=answer.error)
