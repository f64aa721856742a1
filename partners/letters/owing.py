"""Owing a letter: a row beside what gives the reason for it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from partners.models import Letter

BATCH = 500


def owe(
    *,
    kind: Letter.Kind,
    recipient: str,
    language: str,
    facts: Mapping[str, object],
    key: str,
    now: datetime,
) -> None:
    """Owe this letter, once for all time by its `key`. `facts`: ids and numbers only."""
    letter = Letter(
        kind=kind,
        recipient=recipient,
        language=language,
        facts=dict(facts),
        key=key,
        owed_at=now,
    )
    owe_all(owed=[letter])


def owe_all(*, owed: Sequence[Letter]) -> int:
    """Owe each of these that is not owed by its key yet; return how many were asked for."""
    Letter.objects.bulk_create(owed, batch_size=BATCH, ignore_conflicts=True)
    return len(owed)
