"""Owing somebody a mail: a row, written together with the promise."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Max

from candidates import sequences
from candidates.models import Candidate, FollowUp, Step
from candidates.models import Sequence as Mails

CAME_BACK_AFTER = timedelta(minutes=5)
AGAIN_AFTER = timedelta(hours=24)
BATCH = 2_000

# A part of the one statement of candidates.signup, which names the new row `person`.
SIGN_UP_CLAUSE = """
INSERT INTO candidates_followup (id, candidate_id, step_id, lane, anchor_at, due_at, state, why,
    attempts, last_error)
SELECT gen_random_uuid(), person.id, step.id, step.lane, %(now)s, step.due_at, 'due', '', 0, ''
FROM person, unnest(%(first_steps)s::bigint[], %(first_lanes)s::smallint[],
    %(first_due_at)s::timestamptz[]) AS step (id, lane, due_at)
"""


def parameters(*, now: datetime) -> dict[str, Any]:
    """Return what the clause owes to somebody who signs up now."""
    steps = sequences.at_sign_up()
    return {
        "first_steps": [step.id for step in steps],
        "first_lanes": [step.lane for step in steps],
        "first_due_at": [now + step.delay for step in steps],
    }


def start(
    *, candidate_ids: Sequence[UUID], trigger: Mails.Trigger, stage: str = "", at: datetime
) -> None:
    """Owe the first step of every sequence that begins so; whoever began it before stays there.

    The caller's transaction holds what is first until these rows can be seen.
    """
    sequences.hold_order(trigger=trigger, stage=stage)
    owed = [
        row(candidate_id=candidate_id, step=step, anchor_at=at, due_at=at + step.delay)
        for step in sequences.first_steps(trigger=trigger, stage=stage)
        for candidate_id in candidate_ids
    ]
    FollowUp.objects.bulk_create(owed, batch_size=BATCH, ignore_conflicts=True)


def after(*, followup: FollowUp, step: Step, now: datetime) -> FollowUp:
    """Return the row of the step after this one, which is settled now.

    What left late moves the next one: nobody gets two mails of a sequence closer together than
    staff set them apart.
    """
    apart = step.delay - followup.step.delay
    due_at = max(followup.anchor_at + step.delay, now + apart)
    anchor_at = followup.anchor_at
    return row(candidate_id=followup.candidate_id, step=step, anchor_at=anchor_at, due_at=due_at)


def row(*, candidate_id: UUID, step: Step, anchor_at: datetime, due_at: datetime) -> FollowUp:
    return FollowUp(
        candidate_id=candidate_id, step=step, lane=step.lane, anchor_at=anchor_at, due_at=due_at
    )


def hasten_confirmation(*, candidate: Candidate, now: datetime) -> None:
    """Send the next reminder sooner to someone who signed up again and has not confirmed.

    Anyone can type anyone's address, so nothing is owed that was not owed before, and there is one
    in 24 hours. A second press of the button a moment later asks for nothing.
    """
    came_back = now - candidate.signed_up_at >= CAME_BACK_AFTER
    if not came_back or candidate.confirmed_at:
        return
    asking = candidate.followups.filter(step__sequence__is_for_unconfirmed=True)
    last_at = asking.aggregate(last_at=Max("sent_at"))["last_at"]
    soon = max(now, last_at + AGAIN_AFTER) if last_at else now
    asking.filter(state=FollowUp.State.DUE, attempts=0, due_at__gt=soon).update(due_at=soon)


def retry(*, ids: Iterable[UUID], now: datetime) -> int:
    """Owe failed mails again and return how many."""
    failed = FollowUp.objects.filter(id__in=list(ids), state=FollowUp.State.FAILED)
    return failed.update(state=FollowUp.State.DUE, due_at=now, attempts=0, last_error="")
