"""Owing somebody a mail: a row, written together with the promise."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from candidates.models import Candidate, FollowUp

CAME_BACK_AFTER = timedelta(minutes=5)
AGAIN_AFTER = timedelta(hours=24)

# A part of the one statement of candidates.signup, which names the new row `person`.
SIGN_UP_CLAUSE = """
INSERT INTO candidates_followup (id, candidate_id, step, due_at, state, attempts, last_error)
SELECT gen_random_uuid(), person.id, 'confirm', %(now)s, 'due', 0, '' FROM person
"""


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
        plan(candidate_id=candidate.id, step=FollowUp.Step.CONFIRM_AGAIN, due_at=due_at)


def retry(*, ids: Iterable[UUID], now: datetime) -> int:
    """Owe failed mails again and return how many."""
    failed = FollowUp.objects.filter(id__in=list(ids), state=FollowUp.State.FAILED)
    return failed.update(state=FollowUp.State.DUE, due_at=now, attempts=0, last_error="")
