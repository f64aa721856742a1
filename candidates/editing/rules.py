"""What a sequence and its steps must keep to, whoever sets them up."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise

from django.utils.translation import gettext

from candidates import sequences
from candidates.models import Sequence as Mails
from candidates.models import Step

# Before somebody confirmed, the address may be a stranger's: one mail and two reminders.
MOST_BEFORE_CONFIRMING = 3
APART = timedelta(hours=24)

Trigger = Mails.Trigger


class NotAllowed(ValueError):
    """What somebody wanted can't be; `field` names the question that the sentence is about."""

    def __init__(self, sentence: str, *, field: str | None = None) -> None:
        super().__init__(sentence)
        self.field = field


def check_sequence(sequence: Mails) -> None:
    """Raise NotAllowed where this sequence would write to somebody whom it must not."""
    if sequence.trigger == Trigger.BY_HAND:
        raise NotAllowed(gettext("What is sent by hand is a broadcast."), field="trigger")
    if sequence.is_for_unconfirmed and _is_second(sequence):
        raise NotAllowed(gettext("One sequence asks for the confirmation already."))
    if sequence.is_for_unconfirmed and sequence.trigger != Trigger.SIGNED_UP:
        sentence = gettext("Who is asked for the confirmation has just signed up.")
        raise NotAllowed(sentence, field="trigger")
    if sequence.trigger == Trigger.SIGNED_UP and not sequence.is_for_unconfirmed:
        sentence = gettext(
            "Before somebody confirmed, only the confirmation is sent: begin when they confirmed."
        )
        raise NotAllowed(sentence, field="trigger")
    check_stage(sequence.trigger, sequence.trigger_stage)


def check_stage(trigger: str, stage: str) -> None:
    if trigger == Trigger.STAGE_REACHED and not stage:
        raise NotAllowed(gettext("Choose the stage that it begins with."), field="trigger_stage")


def _is_second(sequence: Mails) -> bool:
    others = Mails.objects.filter(is_for_unconfirmed=True).exclude(pk=sequence.pk)
    return others.exists()


def check_steps(sequence: Mails, steps: Sequence[Step]) -> None:
    """Raise NotAllowed unless these steps, in the order they are sent, keep their distance."""
    for step in steps:
        check_hours(step.polite_from, step.polite_until)
    for before, after in pairwise(steps):
        if after.delay <= before.delay:
            words = {"before": before.name, "after": after.name}
            sentence = gettext("“%(after)s” must leave later than “%(before)s”.") % words
            raise NotAllowed(sentence, field="days")
    if sequence.is_for_unconfirmed:
        _check_confirmation(steps)


def check_hours(begin: int | None, end: int | None) -> None:
    if (begin is None) != (end is None):
        sentence = gettext("Polite hours are a span: give both hours or neither.")
        raise NotAllowed(sentence, field="polite_until")
    if begin is not None and end is not None and not 0 <= begin < end <= 24:
        sentence = gettext("Polite hours begin before they end, within one day: from 8 until 20.")
        raise NotAllowed(sentence, field="polite_until")


def _check_confirmation(steps: Sequence[Step]) -> None:
    if len(steps) > MOST_BEFORE_CONFIRMING:
        raise NotAllowed(
            gettext("Who has not confirmed gets one confirmation and two reminders, no more.")
        )
    for before, after in pairwise(steps):
        if after.delay - before.delay < APART:
            sentence = gettext("Who has not confirmed gets one mail in 24 hours at most.")
            raise NotAllowed(sentence, field="days")


def check_ready(steps: Sequence[Step]) -> None:
    """Raise NotAllowed unless everybody could be written to: English is what all others lack."""
    if not steps:
        raise NotAllowed(gettext("Add a step first: there is nothing to send."))
    texts = sequences.current_texts(steps=steps)
    said = {step for step, language, partner in texts if (language, partner) == ("en", None)}
    if speechless := [step.name for step in steps if step.id not in said]:
        words = {"steps": ", ".join(speechless)}
        raise NotAllowed(gettext("Write an English text first for: %(steps)s.") % words)
