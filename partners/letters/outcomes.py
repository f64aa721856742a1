"""What became of a letter: sent, owed again later, or given up and shown to staff."""

import logging
from datetime import datetime

from partners import mail_routes
from partners.letters import writing
from partners.mail_routes import PROVIDER, Grant
from partners.models import Letter
from recruit import replies
from recruit.answers import Answer
from recruit.replies import Outcome

logger = logging.getLogger(__name__)


def note(*, letter: Letter, answer: Answer, grant: Grant, now: datetime) -> None:
    """Owe it again later, twice as late each time, until it had its attempts.

    News that may have left stays as sent. What is closed to everybody costs no attempt.
    """
    logger.warning("letter %s did not leave: %s", letter.id, answer.error)
    outcome = answer.outcome
    is_closed = blame(outcome=outcome, grant=grant, now=now)
    if answer.may_have_left and letter.kind in writing.NEWS:
        record(letter, last_error=answer.error)
    elif is_closed and not outcome.always_counts:
        _put_off(letter, answer, now, attempts=letter.attempts - 1)
    elif letter.attempts < outcome.most_attempts:
        _put_off(letter, answer, now, attempts=letter.attempts)
    else:
        give_up(letter=letter, why=answer.error, now=now)


def blame(*, outcome: Outcome, grant: Grant, now: datetime) -> bool:
    """Count a failure against our provider if it is to blame; say whether it rests now."""
    return outcome.blames_provider and mail_routes.note_failure(
        key=PROVIDER, most=outcome.opens_after, is_trial=grant.is_trial, now=now
    )


def give_up(*, letter: Letter, why: str, now: datetime) -> None:
    record(letter, given_up_at=now, sent_at=None, last_error=why)


def _put_off(letter: Letter, answer: Answer, now: datetime, *, attempts: int) -> None:
    due_at = now + replies.wait(attempts=letter.attempts)
    record(letter, leased_until=due_at, attempts=attempts, sent_at=None, last_error=answer.error)


def record(letter: Letter, **changes: object) -> None:
    Letter.objects.filter(id=letter.id).update(**changes)
