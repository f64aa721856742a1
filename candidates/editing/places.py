"""Two neighbouring steps exchange places and times, and whoever waits gets both all the same."""

from datetime import datetime

from django.db import OperationalError
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext, ngettext

from candidates import followups, sequences
from candidates.editing.rules import NotAllowed
from candidates.editing.steps import alone, living
from candidates.models import FollowUp, Lane, Sequence, Step
from candidates.models.followups import FollowUpQuerySet


def neighbours(*, step: Step, is_earlier: bool) -> tuple[Step, Step]:
    """Return the two that would exchange places, as they stand now. Raises NotAllowed."""
    steps = living(step.sequence)
    ids = [it.pk for it in steps]
    at = ids.index(step.pk) if step.pk in ids else -1
    first = at - 1 if is_earlier else at
    if at < 0 or not 0 <= first < len(steps) - 1:
        raise NotAllowed(gettext("There is no place to move it to."))
    return steps[first], steps[first + 1]


def check_places(*, earlier: Step, later: Step) -> None:
    """Raise NotAllowed while people wait at the later one.

    They are past the earlier one. The chain would lead them to it again, and end there, since
    nobody gets a step twice.
    """
    people = _unsent(later).count()
    if people:
        facts = {"count": f"{people:,}", "later": later.name, "earlier": earlier.name}
        raise NotAllowed(
            ngettext(
                "%(count)s person waits at “%(later)s” and is past “%(earlier)s”: they would "
                "miss all that comes after it. Exchange the words of the two instead.",
                "%(count)s people wait at “%(later)s” and are past “%(earlier)s”: they would "
                "miss all that comes after it. Exchange the words of the two instead.",
                people,
            )
            % facts
        )


def move(*, step: Step, is_earlier: bool, now: datetime) -> int:
    """Let a step and its neighbour exchange places and times. Raises NotAllowed.

    Who waits at the earlier one gets the other first, at the same time; returns how many.
    """
    with alone(step.sequence_id) as sequence:
        step.sequence = sequence
        sequences.take_order(sequence=sequence)
        earlier, later = neighbours(step=step, is_earlier=is_earlier)
        _check_door(sequence, earlier)
        # While these rows are locked nobody comes to wait there: a new follow-up refers to its
        # step.
        list(Step.objects.select_for_update().filter(pk__in=[earlier.pk, later.pk]).order_by("pk"))
        check_places(earlier=earlier, later=later)
        _check_at_rest(sequence, earlier, now)
        moved = _hand_over(earlier, later)
        _exchange(earlier, later)
    return moved


def _check_door(sequence: Sequence, earlier: Step) -> None:
    """Every process remembers for a moment with what a sign-up begins: that one stays the first."""
    if sequence.trigger == Sequence.Trigger.SIGNED_UP and earlier == living(sequence)[0]:
        raise NotAllowed(
            gettext(
                "The first mail is owed together with the sign-up, and stays the first. Exchange "
                "the words of the two instead."
            )
        )


def _check_at_rest(sequence: Sequence, earlier: Step, now: datetime) -> None:
    """Keep every worker's hands off until this is done; raise NotAllowed where they are on it.

    A worker has read what follows what it sends. Asks without waiting, since a worker that records
    what it sent waits for the steps.
    """
    soon = Q(state__in=FollowUp.OWED, due_at__lte=now + followups.LEASE)
    taken = Q(state__in=FollowUp.OWED, leased_until__gt=now)
    here = Q(step=earlier, state__in=FollowUp.UNSENT)
    at_hand = FollowUp.objects.filter(soon | taken | here, step__sequence=sequence)
    asked = at_hand.select_for_update(of=("self",), no_key=True, nowait=True)
    try:
        held = list(asked.values_list("step", "leased_until", "attempts"))
    except OperationalError as locked:
        raise _leaving() from locked
    for step_id, leased_until, attempts in held:
        if (leased_until and leased_until > now) or (step_id == earlier.pk and attempts):
            raise _leaving()


def _leaving() -> NotAllowed:
    return NotAllowed(
        gettext(
            "Mail of this sequence is leaving at this very moment, or is tried again soon. Wait a "
            "minute, or switch the sequence off first."
        )
    )


def _hand_over(earlier: Step, later: Step) -> int:
    had = FollowUp.objects.filter(candidate=OuterRef("candidate"), step=later)
    return _unsent(earlier).exclude(Exists(had)).update(step=later, lane=later.lane)


def _unsent(step: Step) -> FollowUpQuerySet:
    """Each lane by an index of its own."""
    lanes = Q(lane=Lane.BULK, step=step) | Q(lane=Lane.URGENT, step=step)
    return FollowUp.objects.filter(lanes, state__in=FollowUp.UNSENT)


def _exchange(earlier: Step, later: Step) -> None:
    Step.objects.filter(pk=earlier.pk).update(number=_unused(earlier))
    Step.objects.filter(pk=later.pk).update(number=earlier.number, delay=earlier.delay)
    Step.objects.filter(pk=earlier.pk).update(number=later.number, delay=later.delay)


def _unused(step: Step) -> int:
    last = Step.objects.filter(sequence=step.sequence_id).order_by("-number").first()
    return last.number + 1 if last else 1
