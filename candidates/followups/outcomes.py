"""What became of a mail: sent, owed again later, or failed for good and shown to staff."""

import logging
import random
import smtplib
from datetime import datetime, timedelta

from anymail.exceptions import AnymailError
from django.db import transaction

from candidates import events
from candidates.followups import apis, replies, settling
from candidates.followups.claiming import Errand
from candidates.models import FollowUp, MailEvent

FIRST_RETRY = timedelta(seconds=30)
LONGEST_RETRY = timedelta(hours=6)
TOLD_BY = "smtp"

State = FollowUp.State
logger = logging.getLogger(__name__)


class Answer:
    """What the mail server said of one letter, and what we make of it."""

    def __init__(self, failure: Exception) -> None:
        self.code, text = _said(failure)
        # All else that smtplib or a socket raises is an OSError: no answer, a hung-up line.
        is_hung_up = isinstance(failure, OSError) and not self.code
        is_about_us = isinstance(failure, smtplib.SMTPSenderRefused)
        self.outcome = (
            replies.outcome(code=self.code, text=text, is_about_us=is_about_us)
            if is_hung_up or self.code
            else replies.UNWRITTEN
        )
        self.needs_new_line = is_hung_up or self.code == replies.CLOSING
        self.error = f"{type(failure).__name__} {self.code or ''}".strip()[:120]
        self.detail = f"{self.code} {replies.status(text=text)}".strip()


def _said(failure: Exception) -> tuple[int, str]:
    if isinstance(failure, smtplib.SMTPRecipientsRefused):
        code, error = max(failure.recipients.values())
        return code, error.decode(errors="replace")
    if isinstance(failure, smtplib.SMTPResponseException):
        said = failure.smtp_error
        return failure.smtp_code, said if isinstance(said, str) else said.decode(errors="replace")
    return apis.said(failure) if isinstance(failure, AnymailError) else (0, "")


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


def _record(followup: FollowUp, answer: Answer, kind: MailEvent.Kind | None, now: datetime) -> None:
    """Write down what the server said of this mail; what it says of us all is in the log."""
    if not answer.code or kind is None:
        return
    events.record(
        provider=TOLD_BY,
        event_id=f"{followup.id}:{kind}:{followup.attempts}",
        kind=kind,
        followup_id=followup.id,
        at=now,
        detail=answer.detail,
        now=now,
    )


def put_off(
    *, followup: FollowUp, answer: Answer, now: datetime, is_its_fault: bool = True
) -> None:
    """Owe it again later; what is closed to everybody costs it no attempt."""
    jitter = random.uniform(0.75, 1)  # noqa: S311 - spreads retries, guards nothing
    wait = min(FIRST_RETRY * 2 ** (followup.attempts - 1), LONGEST_RETRY) * jitter
    attempts = followup.attempts - (not is_its_fault)
    settling.put_off(
        followup=followup, due_at=now + wait, attempts=attempts, last_error=answer.error
    )
