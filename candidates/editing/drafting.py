"""What a sequence is for: its columns, save those that only switching or shipping sets."""

from django.db import transaction
from django.db.models import QuerySet

from candidates import overtaking, sequences
from candidates.editing.rules import check_sequence
from candidates.models import Sequence

AUDIENCE = ("stages", "offices", "states", "languages", "partners")
COLUMNS = (
    "name", "trigger", "trigger_stage", *AUDIENCE, "ends_on_move", "ends_on_reply", "reply_to"
)  # fmt: skip


def editable() -> QuerySet[Sequence]:
    """Return the sequences that are set up here; one sent by hand belongs to its broadcast."""
    return Sequence.objects.exclude(trigger=Sequence.Trigger.BY_HAND)


def create(*, sequence: Sequence) -> None:
    """Keep a new sequence, switched off. Raises NotAllowed."""
    check_sequence(sequence)
    sequence.save(force_insert=True)


def settings_of(sequence: Sequence) -> str:
    return overtaking.settings_of(row=sequence, columns=COLUMNS)


def save(*, sequence: Sequence, seen: str | None = None) -> None:
    """Keep what staff changed, never its short name. Raises NotAllowed, Overtaken.

    `seen`: the settings that its author began with.
    """
    check_sequence(sequence)
    with transaction.atomic():
        stored = Sequence.objects.select_for_update().get(pk=sequence.pk)
        overtaking.check(seen=seen, now=settings_of(stored), wanted=settings_of(sequence))
        sequence.save(update_fields=COLUMNS)
    sequences.forget()
