"""The e-mails we owe: planned with the promise, claimed, begun, sent and recorded.

At least once: a worker killed between sending and recording sends that one mail again after
LEASE, under the same Message-ID. Nothing here holds a lock or a transaction across the network.
"""

import logging
import random
import smtplib
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction

from candidates import letters, privacy
from candidates.models import Candidate, FollowUp

CLAIM = 100
# Longer than the slowest mail: EMAIL_TIMEOUT for each of five answers of the server. begin() takes
# it anew for each mail, so a claim that takes longer loses only what it has not begun.
LEASE = timedelta(minutes=1)
MOST_ATTEMPTS, MOST_ATTEMPTS_TO_WRITE = 12, 5
FIRST_RETRY = timedelta(seconds=30)
LONGEST_RETRY = timedelta(hours=6)
PAUSE = timedelta(seconds=15)
CAME_BACK_AFTER = timedelta(minutes=5)
AGAIN_AFTER = timedelta(hours=24)

State, Step = FollowUp.State, FollowUp.Step

# A part of the one statement of candidates.signup, which names the new row `person`.
SIGN_UP_CLAUSE = """
INSERT INTO candidates_followup (id, candidate_id, step, due_at, state, attempts, last_error)
SELECT gen_random_uuid(), person.id, 'confirm', %(now)s, 'due', 0, '' FROM person
"""

CONFIRMATIONS = (Step.CONFIRM, Step.CONFIRM_AGAIN)
# What a server says of one letter. All else that smtplib or a socket raises, no answer, a refused
# log-in, a hung-up line, says that the server is out of order (and every SMTPException is an
# OSError, so these must be caught first).
ABOUT_ONE_LETTER = (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError)
OUTAGE = OSError

Clock = Callable[[], datetime]
logger = logging.getLogger(__name__)


class Breaker:
    """Keeps this process from knocking on a mail server that is out of order."""

    def __init__(self) -> None:
        self.opens_at: datetime | None = None

    def is_closed(self, now: datetime) -> bool:
        return self.opens_at is None or now >= self.opens_at

    def open_until(self, at: datetime) -> None:
        self.opens_at = at


_breaker = Breaker()


def plan(*, candidate_id: UUID, step: FollowUp.Step, due_at: datetime) -> None:
    """Owe a candidate one mail; planning it again changes nothing."""
    followup = FollowUp(candidate_id=candidate_id, step=step, due_at=due_at)
    FollowUp.objects.bulk_create([followup], ignore_conflicts=True)


def plan_confirmation_again(*, candidate: Candidate, now: datetime) -> None:
    """Owe one more confirmation to someone who signed up again and has not confirmed.

    Anyone can type anyone's address, so there is one in 24 hours and two in all. A second press
    of the button a moment later asks for nothing.
    """
    came_back = now - candidate.signed_up_at >= CAME_BACK_AFTER
    if came_back and not candidate.confirmed_at:
        due_at = max(now, candidate.signed_up_at + AGAIN_AFTER)
        plan(candidate_id=candidate.id, step=Step.CONFIRM_AGAIN, due_at=due_at)


def retry(*, ids: Iterable[UUID], now: datetime) -> int:
    """Owe failed mails again and return how many."""
    failed = FollowUp.objects.filter(id__in=list(ids), state=State.FAILED)
    return failed.update(state=State.DUE, due_at=now, attempts=0, last_error="")


def claim(*, now: datetime) -> list[FollowUp]:
    """Take up to CLAIM due follow-ups for LEASE; no other worker is given the same ones."""
    with transaction.atomic():
        due = FollowUp.objects.due(now).order_by("due_at").select_for_update(skip_locked=True)
        ids = list(due.values_list("id", flat=True)[:CLAIM])
        FollowUp.objects.filter(id__in=ids).update(leased_until=now + LEASE)
    claimed = FollowUp.objects.filter(id__in=ids).order_by("due_at")
    return list(claimed.select_related(*letters.SELECT).prefetch_related(*letters.PREFETCH))


def send_due(*, clock: Clock) -> int:
    """Send what is due now and return how many were claimed: fewer than CLAIM means all.

    A stopped mail server costs one attempt: the rest go back, and nothing is tried for PAUSE.
    """
    if not _breaker.is_closed(clock()):
        return 0
    claimed = claim(now=clock())
    wanted = _without_needless(claimed)
    if wanted:
        _send_all(wanted, clock)
    return len(claimed)


def _without_needless(claimed: Sequence[FollowUp]) -> list[FollowUp]:
    """Set aside what must not be mailed (suppressed) or need not be (confirmed meanwhile)."""
    barred = privacy.suppressed(emails=[it.candidate.email_canonical for it in claimed])
    needless = [
        it.id
        for it in claimed
        if it.candidate.email_canonical in barred
        or (it.step in CONFIRMATIONS and it.candidate.confirmed_at)
    ]
    FollowUp.objects.filter(id__in=needless).update(state=State.SUPPRESSED, leased_until=None)
    return [it for it in claimed if it.id not in needless]


def _send_all(wanted: Sequence[FollowUp], clock: Clock) -> None:
    mail_server = get_connection()
    try:
        mail_server.open()  # once for all: send_messages would hang up after each mail
        for position, followup in enumerate(wanted):
            if begin(followup=followup, now=clock()) and not _send(followup, mail_server, clock):
                _stop_for_now(wanted[position + 1 :], clock())
                return
    except OUTAGE as outage:
        logger.warning("the mail server is away: %s", type(outage).__name__)
        _stop_for_now(wanted, clock())
    finally:
        mail_server.close()


def _stop_for_now(unsent: Sequence[FollowUp], now: datetime) -> None:
    _release(unsent)
    _breaker.open_until(now + PAUSE)


def begin(*, followup: FollowUp, now: datetime) -> bool:
    """Say that this mail is about to leave; False where it may not: suppressed, or lease lost."""
    mine = FollowUp.objects.filter(
        id=followup.id, state__in=FollowUp.OWED, leased_until=followup.leased_until
    )
    followup.leased_until = now + LEASE
    followup.attempts += 1
    return bool(
        mine.update(
            state=State.SENDING, leased_until=followup.leased_until, attempts=followup.attempts
        )
    )


def _send(followup: FollowUp, mail_server: BaseEmailBackend, clock: Clock) -> bool:
    """Send one begun mail and record the outcome; False where the mail server is out of order."""
    try:
        mail_server.send_messages([letters.write(followup=followup)])
    except ABOUT_ONE_LETTER as refused:
        _fail_or_put_off(followup, clock(), refused)
    except OUTAGE as outage:
        _put_off(followup, clock(), error=type(outage).__name__, counts=False)
        return False
    except Exception as failure:  # noqa: BLE001 - one poison row must not stop the others
        _fail_or_put_off(followup, clock(), failure)
    else:
        FollowUp.objects.filter(id=followup.id).update(
            state=State.SENT, sent_at=clock(), leased_until=None, last_error=""
        )
    return True


def _fail_or_put_off(followup: FollowUp, now: datetime, failure: Exception) -> None:
    code = _smtp_code(failure)
    error = f"{type(failure).__name__} {code or ''}".strip()
    if followup.attempts < _most_attempts(code):
        _put_off(followup, now, error=error, counts=True)
        return
    logger.error("follow-up %s failed for good: %s", followup.id, error)
    FollowUp.objects.filter(id=followup.id).update(
        state=State.FAILED, leased_until=None, last_error=error[:120]
    )


def _most_attempts(code: int) -> int:
    """A mailbox may be full for a day; a letter that we can't write may be mended in minutes."""
    return 1 if code >= 500 else MOST_ATTEMPTS if code else MOST_ATTEMPTS_TO_WRITE


def _smtp_code(failure: Exception) -> int:
    """Return the server's reply code (RFC 5321, 4.2.1: 4xx may pass, 5xx will not), or 0."""
    if isinstance(failure, smtplib.SMTPRecipientsRefused):
        return max(code for code, _text in failure.recipients.values())
    return failure.smtp_code if isinstance(failure, smtplib.SMTPResponseException) else 0


def _put_off(followup: FollowUp, now: datetime, *, error: str, counts: bool) -> None:
    """Owe it again later: twice as late each time, with jitter; an outage is not its fault."""
    jitter = random.uniform(0.75, 1)  # noqa: S311 - spreads retries, guards nothing
    wait = min(FIRST_RETRY * 2 ** (followup.attempts - 1), LONGEST_RETRY) * jitter
    FollowUp.objects.filter(id=followup.id).update(
        state=State.DUE,
        due_at=now + (wait if counts else PAUSE),
        leased_until=None,
        attempts=followup.attempts - (not counts),
        last_error=error[:120],
    )


def _release(unsent: Sequence[FollowUp]) -> None:
    ids = [it.id for it in unsent]
    owed = FollowUp.objects.filter(id__in=ids, state__in=FollowUp.OWED)
    owed.update(state=State.DUE, leased_until=None)
