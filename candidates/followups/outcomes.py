"""What became of a mail: sent, owed again later, or failed for good and shown to staff."""

import logging
import random
import smtplib
from datetime import datetime, timedelta

from candidates.followups import settling
from candidates.followups.claiming import Errand
from candidates.models import FollowUp

# Twelve are tried within half a day. One refusal of a letter might be the server's refusal of
# everybody, so it takes a second one, unless the server says that it means the address.
MOST_ATTEMPTS, MOST_ATTEMPTS_TO_WRITE, MOST_ATTEMPTS_REFUSED = 12, 5, 2
FIRST_RETRY = timedelta(seconds=30)
LONGEST_RETRY = timedelta(hours=6)
# RFC 3463, 3.2 and 3.3: about the address, about the mailbox.
ABOUT_THE_READER = (b"5.1.", b"5.2.")
SERVICE_NOT_AVAILABLE = 421

State = FollowUp.State
logger = logging.getLogger(__name__)


class Answer:
    """What the mail server said of one letter (RFC 5321, 4.2.1: 4xx may pass, 5xx will not)."""

    def __init__(self, failure: Exception) -> None:
        self.code, text = _said(failure)
        is_about_letter = isinstance(
            failure, (smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException)
        )
        # All else that smtplib or a socket raises is an OSError: no answer, a hung-up line.
        self.is_outage = isinstance(failure, OSError) and (
            not is_about_letter or self.code == SERVICE_NOT_AVAILABLE
        )
        self.is_refusal = self.code >= 500
        self.is_about_reader = self.is_refusal and text.startswith(ABOUT_THE_READER)
        self.error = f"{type(failure).__name__} {self.code or ''}".strip()[:120]

    @property
    def most_attempts(self) -> int:
        """A mailbox may be full for a day; a letter that we can't write is mended in minutes."""
        if self.is_refusal:
            return 1 if self.is_about_reader else MOST_ATTEMPTS_REFUSED
        return MOST_ATTEMPTS if self.code or self.is_outage else MOST_ATTEMPTS_TO_WRITE


def _said(failure: Exception) -> tuple[int, bytes]:
    if isinstance(failure, smtplib.SMTPRecipientsRefused):
        return max(failure.recipients.values())
    if isinstance(failure, smtplib.SMTPResponseException):
        error = failure.smtp_error
        return failure.smtp_code, error if isinstance(error, bytes) else error.encode()
    return 0, b""


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
    if followup.attempts < answer.most_attempts:
        put_off(followup=followup, answer=answer, now=now)
        return
    logger.error("follow-up %s failed for good: %s", followup.id, answer.error)
    settling.settle(
        followup=followup,
        following=errand.following,
        now=now,
        state=State.FAILED,
        last_error=answer.error,
    )


def put_off(
    *, followup: FollowUp, answer: Answer, now: datetime, is_its_fault: bool = True
) -> None:
    """Owe it again later; a server that refuses everybody costs it no attempt."""
    jitter = random.uniform(0.75, 1)  # noqa: S311 - spreads retries, guards nothing
    wait = min(FIRST_RETRY * 2 ** (followup.attempts - 1), LONGEST_RETRY) * jitter
    attempts = followup.attempts - (not is_its_fault)
    settling.put_off(
        followup=followup, due_at=now + wait, attempts=attempts, last_error=answer.error
    )
