"""The steps of a sequence: added, changed, exchanged, removed and never deleted."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from candidates import sequences, texts
from candidates.editing.drafting import AUDIENCE
from candidates.editing.rules import NotAllowed, check_steps
from candidates.models import FollowUp, Sequence, Step
from partners.models import User

COLUMNS = ("name", "delay", "polite_from", "polite_until", "lane", *AUDIENCE)


@contextmanager
def _alone(sequence_id: int) -> Iterator[Sequence]:
    """One colleague at a time orders the steps of a sequence; this process then reads anew."""
    with transaction.atomic():
        yield Sequence.objects.select_for_update().get(pk=sequence_id)
    sequences.forget()


def living(sequence: Sequence) -> list[Step]:
    return list(Step.objects.filter(sequence=sequence, removed_at=None).order_by("number"))


def add(*, step: Step, subject: str, body: str, author: User, now: datetime) -> None:
    """Add a step at the place its delay gives it, with its English words.

    With them from the start: a sequence that is switched on may owe it a moment later. Raises
    NotAllowed, wording.Refused.
    """
    with _alone(step.sequence_id) as sequence:
        steps = living(sequence)
        earlier = [it for it in steps if it.delay <= step.delay]
        check_steps(sequence, [*earlier, step, *steps[len(earlier) :]])
        step.number = earlier[-1].number + 1 if earlier else 1
        _make_room(sequence, step.number)
        step.added_at = now
        step.save(force_insert=True)
        place = texts.Place(step=step, language="en")
        texts.write(place=place, subject=subject, body=body, seen=0, author=author, now=now)


def _make_room(sequence: Sequence, number: int) -> None:
    """Removed ones move as well: whoever waits at one goes on with what came after it."""
    for step in Step.objects.filter(sequence=sequence, number__gte=number).order_by("-number"):
        step.number += 1
        step.save(update_fields=["number"])


def save_step(*, step: Step) -> None:
    """Keep what staff changed of a step; its place stays. Raises NotAllowed."""
    with _alone(step.sequence_id) as sequence:
        steps = [step if it.pk == step.pk else it for it in living(sequence)]
        check_steps(sequence, steps)
        step.save(update_fields=COLUMNS)


def remove(*, step: Step, now: datetime) -> None:
    """Send it to nobody any more; whoever waits at it goes on to the next. Raises NotAllowed."""
    with _alone(step.sequence_id) as sequence:
        if sequence.switched_on_at and len(living(sequence)) == 1:
            raise NotAllowed(gettext("It is the only step: switch the sequence off instead."))
        Step.objects.filter(pk=step.pk, removed_at=None).update(removed_at=now)


def move(*, step: Step, is_earlier: bool) -> None:
    """Let a step and its neighbour exchange places and times. Raises NotAllowed.

    Not while somebody waits at either: who got one of them would miss the other, or all the rest.
    """
    with _alone(step.sequence_id) as sequence:
        steps = living(sequence)
        ids = [it.pk for it in steps]
        at = ids.index(step.pk) if step.pk in ids else -1
        other = at - 1 if is_earlier else at + 1
        if at < 0 or not 0 <= other < len(steps):
            raise NotAllowed(gettext("There is no place to move it to."))
        _exchange(steps[at], steps[other])


def _exchange(one: Step, other: Step) -> None:
    # While these rows are locked nobody comes to wait there: a new follow-up refers to its step.
    list(Step.objects.select_for_update().filter(pk__in=[one.pk, other.pk]).order_by("pk"))
    waiting = FollowUp.objects.filter(step__in=[one, other], state__in=FollowUp.UNSENT)
    if waiting.exists():
        raise NotAllowed(
            gettext(
                "People wait at one of these two steps: who got one would miss the other. "
                "Change their words instead."
            )
        )
    numbers = one.number, other.number
    Step.objects.filter(pk=one.pk).update(number=_unused(one))
    Step.objects.filter(pk=other.pk).update(number=numbers[0], delay=one.delay)
    Step.objects.filter(pk=one.pk).update(number=numbers[1], delay=other.delay)


def _unused(step: Step) -> int:
    last = Step.objects.filter(sequence=step.sequence_id).order_by("-number").first()
    return last.number + 1 if last else 1
