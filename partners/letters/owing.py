"""Owing a letter: a row beside what gives the reason for it."""

from collections.abc import Mapping
from datetime import datetime

from partners.models import Letter


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
    Letter.objects.bulk_create([letter], ignore_conflicts=True)
