"""What became of a due mail, and the next step of its sequence, written at once."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from candidates.followups import planning
from candidates.models import Broadcast, FollowUp, Step
from candidates.models import Sequence as Mails

# One round trip for each mail that leaves, where two statements in a transaction take four.
# What somebody set aside meanwhile, or another worker has in hand, stays so, unless it did leave.
SETTLE = """
WITH settled AS (
    UPDATE candidates_followup SET state = %(state)s, why = %(why)s, leased_until = NULL,
        sent_at = coalesce(%(sent_at)s::timestamptz, sent_at), last_error = %(last_error)s
    WHERE id = %(id)s AND (%(sent_at)s::timestamptz IS NOT NULL OR state IN ('due', 'sending')
        AND leased_until IS NOT DISTINCT FROM %(lease)s::timestamptz)
    RETURNING candidate_id, anchor_at
)
INSERT INTO candidates_followup (id, candidate_id, step_id, lane, anchor_at, due_at, state, why,
    attempts, last_error)
SELECT gen_random_uuid(), candidate_id, %(step_id)s::bigint, %(lane)s::smallint, anchor_at,
    %(due_at)s::timestamptz, 'due', '', 0, ''
FROM settled WHERE %(step_id)s::bigint IS NOT NULL
ON CONFLICT DO NOTHING
"""

PUT_OFF = """
UPDATE candidates_followup SET due_at = late.due_at, leased_until = NULL, state = 'due'
FROM unnest(%s::uuid[], %s::timestamptz[], %s::timestamptz[]) AS late (id, lease, due_at)
WHERE candidates_followup.id = late.id AND state IN ('due', 'sending')
    AND leased_until = late.lease
"""


def settle(
    *,
    followup: FollowUp,
    following: Step | None,
    now: datetime,
    state: FollowUp.State,
    why: str = "",
    sent_at: datetime | None = None,
    last_error: str = "",
) -> None:
    """Record what became of it and owe what follows; settling it again owes nothing twice."""
    after = planning.after(followup=followup, step=following, now=now) if following else None
    with connection.cursor() as cursor:
        cursor.execute(
            SETTLE,
            {
                "id": followup.id,
                "lease": followup.leased_until,
                "state": state,
                "why": why,
                "sent_at": sent_at,
                "last_error": last_error,
                "step_id": after.step_id if after else None,
                "lane": after.lane if after else None,
                "due_at": after.due_at if after else None,
            },
        )


def hold(*, followup: FollowUp, why: FollowUp.Why) -> None:
    """Hold a mail that was paused or switched off when it was read; owe it where that is over.

    Whoever resumes, stops or switches on writes that first, to the row that is locked here: so no
    mail is held for ever that a worker set aside a moment too late.
    """
    with transaction.atomic():
        held = {"state": FollowUp.State.HELD, "why": why} if _is_kept_back(followup, why) else {}
        FollowUp.objects.in_hand(mails=[followup]).update(leased_until=None, **held)


def _is_kept_back(followup: FollowUp, why: FollowUp.Why) -> bool:
    """Ask again, of a row that nobody changes until the transaction ends."""
    step = followup.step
    if why == FollowUp.Why.PAUSED:
        paused = Broadcast.objects.filter(step=step, paused_at__isnull=False, stopped_at=None)
        return bool(paused.select_for_update(no_key=True))
    off = Mails.objects.filter(pk=step.sequence_id, switched_on_at=None)
    return bool(off.select_for_update(no_key=True))


def put_off(*, followup: FollowUp, due_at: datetime, **changes: object) -> None:
    """Owe it again at another time, unless it was set aside or claimed anew meanwhile."""
    FollowUp.objects.in_hand(mails=[followup]).update(
        state=FollowUp.State.DUE, due_at=due_at, leased_until=None, **changes
    )


def put_off_all(*, late: Sequence[tuple[FollowUp, datetime]]) -> None:
    """Owe each of them again at a time of its own, in one statement; none of it was tried."""
    if not late:
        return
    with connection.cursor() as cursor:
        mails = [it for it, _due_at in late]
        cursor.execute(
            PUT_OFF,
            [
                [it.id for it in mails],
                [it.leased_until for it in mails],
                [due_at for _mail, due_at in late],
            ],
        )
