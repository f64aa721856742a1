"""Off and on: what is owed is held at once, and given back as it was."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from candidates import sequences
from candidates.editing.rules import check_ready
from candidates.editing.steps import living
from candidates.models import FollowUp, Lane, Sequence
from candidates.models.followups import FollowUpQuerySet

State, Why = FollowUp.State, FollowUp.Why


def switch_off(*, sequence: Sequence) -> int:
    """Begin it for nobody, hold what it owes, and return how many mails that is.

    What a mail server is being given this very moment still leaves; a worker that has read
    that the sequence is on can begin none of those that are held.
    """
    with transaction.atomic():
        Sequence.objects.filter(pk=sequence.pk).update(switched_on_at=None)
        due = _of(sequence).filter(state=State.DUE)
        held = due.update(state=State.HELD, why=Why.SWITCHED_OFF, leased_until=None)
    sequences.forget()
    return held


def switch_on(*, sequence: Sequence, now: datetime) -> int:
    """Begin it for whoever comes from now on, and owe again what was held. Raises NotAllowed.

    What is overdue leaves in its polite hours, and what follows it as long after it as ever.
    """
    with transaction.atomic():
        # Locked first: a worker that holds a mail because it is off is done, or finds it on.
        off = Sequence.objects.select_for_update().filter(pk=sequence.pk, switched_on_at=None)
        if not off:
            return 0
        check_ready(living(sequence))
        off.update(switched_on_at=now)
        held = FollowUp.objects.filter(step__sequence=sequence, state=State.HELD)
        owed = held.filter(why=Why.SWITCHED_OFF).update(state=State.DUE, why="")
    sequences.forget()
    return owed


def _of(sequence: Sequence) -> FollowUpQuerySet:
    """Its follow-ups, by the index of each lane."""
    steps = list(sequence.steps.values_list("pk", flat=True))
    lanes = Q(lane=Lane.BULK, step__in=steps) | Q(lane=Lane.URGENT, step__in=steps)
    return FollowUp.objects.filter(lanes)
