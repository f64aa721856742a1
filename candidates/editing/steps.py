"""The steps of a sequence: added, changed, removed and never deleted."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext

from candidates import followups, overtaking, sequences, texts
from candidates.editing.drafting import AUDIENCE
from candidates.editing.rules import NotAllowed, check_steps
from candidates.models import Sequence, Step
from partners.models import User

COLUMNS = ("name", "delay", "polite_from", "polite_until", "lane", *AUDIENCE)


@contextmanager
def alone(sequence_id: int) -> Iterator[Sequence]:
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
    with alone(step.sequence_id) as sequence:
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


def look(*, step: Step, seen: str | None = None, now: datetime) -> followups.Shift | None:
    """Say whose mail moves if this is kept; None where it moves nobody's.

    Raises NotAllowed, Overtaken: nobody is asked about times that a colleague has changed.
    """
    _check_overtaken(step, seen)
    before = _checked(step.sequence, step)
    return followups.look(step=step, before=before, now=now)


def settings_of_step(step: Step) -> str:
    return overtaking.settings_of(row=step, columns=COLUMNS)


def save_step(*, step: Step, seen: str | None = None, now: datetime) -> int:
    """Keep what staff changed of a step; its place stays. Raises NotAllowed, Overtaken.

    `seen`: the settings that its author began with.

    Who waits at it gets it at its new time; returns how many. Who comes to wait at this very
    moment, sent there by a worker that read the old time, keeps that.
    """
    with alone(step.sequence_id) as sequence:
        _check_overtaken(step, seen)
        before = _checked(sequence, step)
        step.save(update_fields=COLUMNS)
        return followups.shift(step=step, before=before, now=now)


def _check_overtaken(step: Step, seen: str | None) -> None:
    now = settings_of_step(Step.objects.get(pk=step.pk))
    overtaking.check(seen=seen, now=now, wanted=settings_of_step(step))


def _checked(sequence: Sequence, step: Step) -> timedelta:
    """Return the delay so far of a step that may be kept."""
    steps = living(sequence)
    check_steps(sequence, [step if it.pk == step.pk else it for it in steps])
    return next((it.delay for it in steps if it.pk == step.pk), step.delay)


def remove(*, step: Step, now: datetime) -> None:
    """Send it to nobody any more; whoever waits at it goes on to the next. Raises NotAllowed."""
    with alone(step.sequence_id) as sequence:
        if sequence.switched_on_at and len(living(sequence)) == 1:
            raise NotAllowed(gettext("It is the only step: switch the sequence off instead."))
        Step.objects.filter(pk=step.pk, removed_at=None).update(removed_at=now)
