"""What staff do with leads: move, assign, note. Every change writes who, what and when."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from candidates import followups
from candidates.models import Candidate, PhoneConflict, TriageAction
from candidates.models import Sequence as Mails
from candidates.models.candidates import Stage
from partners import credits
from partners.models import Credit, User

# Entering a stage proves that something happened, which goes to the credit of the link that brought
# the person, once. A stage that is skipped proves nothing and a move back takes nothing away:
# a mistake is corrected in the ledger, by a line that says so.
CREDIT_OF_STAGE = {
    Stage.ONE_TO_ONE: Credit.Kind.CALL_ATTENDED,
    Stage.RESOURCES: Credit.Kind.SCREENED,
    Stage.FILED: Credit.Kind.FILED,
    Stage.ENDORSED: Credit.Kind.ENDORSED,
}
# The same words by the same person about the same lead, this soon, are one click too many.
SAME_NOTE_WITHIN = timedelta(minutes=1)


@transaction.atomic
def move(*, candidate_ids: Sequence[UUID], to_stage: Stage, author: User, now: datetime) -> int:
    """Move those who are not there yet, and give the credit of that stage; say how many moved.

    Idempotent. The number of statements does not depend on the number of candidates.
    """
    moving = list(_locked(candidate_ids).exclude(stage=to_stage).only("stage"))
    ids = [candidate.pk for candidate in moving]
    Candidate.objects.filter(pk__in=ids).update(stage=to_stage, stage_moved_at=now)
    _record(
        TriageAction(
            candidate=candidate,
            kind=TriageAction.Kind.MOVED,
            at=now,
            author=author,
            from_stage=candidate.stage,
            to_stage=to_stage,
        )
        for candidate in moving
    )
    if ids and to_stage in CREDIT_OF_STAGE:
        kind = CREDIT_OF_STAGE[to_stage]
        credits.give(candidate_uuids=ids, kind=kind, at=now, author=author)
    followups.start(candidate_ids=ids, trigger=Mails.Trigger.STAGE_REACHED, stage=to_stage, at=now)
    return len(moving)


@transaction.atomic
def assign(
    *, candidate_ids: Sequence[UUID], assignee: User | None, author: User, now: datetime
) -> int:
    """Hand those who are not theirs yet to a colleague, or to nobody; say how many. Idempotent."""
    ids = [
        candidate.pk
        for candidate in _locked(candidate_ids).only("assigned_to_id")
        if candidate.assigned_to_id != (assignee and assignee.pk)
    ]
    Candidate.objects.filter(pk__in=ids).update(assigned_to=assignee)
    _record(
        TriageAction(
            candidate_id=pk,
            kind=TriageAction.Kind.ASSIGNED,
            at=now,
            author=author,
            assignee=assignee,
        )
        for pk in ids
    )
    return len(ids)


@transaction.atomic
def note(*, candidate_ids: Sequence[UUID], text: str, author: User, now: datetime) -> int:
    """Write a note on each; the same words sent again within SAME_NOTE_WITHIN write nothing."""
    locked = list(_locked(candidate_ids).values_list("pk", flat=True))
    noted = TriageAction.objects.filter(
        candidate__in=locked,
        kind=TriageAction.Kind.NOTED,
        author=author,
        text=text,
        at__gt=now - SAME_NOTE_WITHIN,
    )
    ids = [pk for pk in locked if pk not in set(noted.values_list("candidate_id", flat=True))]
    _record(
        TriageAction(
            candidate_id=pk, kind=TriageAction.Kind.NOTED, at=now, author=author, text=text
        )
        for pk in ids
    )
    return len(ids)


@transaction.atomic
def settle(*, conflict_ids: Sequence[int], author: User, now: datetime) -> int:
    """Close conflicts: the number stays with its holder, and both leads say so. Idempotent."""
    conflicts = list(
        PhoneConflict.objects.select_for_update()
        .filter(pk__in=conflict_ids, settled_at=None)
        .order_by("pk")
    )
    PhoneConflict.objects.filter(pk__in=[it.pk for it in conflicts]).update(settled_at=now)
    _record(
        TriageAction(
            candidate_id=candidate_id,
            kind=TriageAction.Kind.NOTED,
            at=now,
            author=author,
            text=_("Settled the phone conflict: %(phone)s stays where it is.")
            % {"phone": conflict.phone},
        )
        for conflict in conflicts
        for candidate_id in (conflict.candidate_id, conflict.held_by_id)
    )
    return len(conflicts)


def _locked(candidate_ids: Sequence[UUID]) -> QuerySet[Candidate]:
    """Lock in one order, so that two colleagues with the same selection wait and never deadlock."""
    return (
        Candidate.objects.select_for_update(of=("self",))
        .filter(pk__in=candidate_ids)
        .order_by("pk")
    )


def _record(actions: Iterable[TriageAction]) -> None:
    TriageAction.objects.bulk_create(actions)
