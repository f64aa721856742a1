"""Owing a letter: a row beside what gives the reason for it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

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


def owe_again(*, ids: Sequence[UUID]) -> list[Letter]:
    """Owe those of these that were given up, as if they had never been tried; return them."""
    with transaction.atomic():
        chosen = Letter.objects.filter(pk__in=ids, given_up_at__isnull=False)
        given_up = list(chosen.select_for_update())
        Letter.objects.filter(pk__in=[it.pk for it in given_up]).update(
            given_up_at=None, leased_until=None, attempts=0, last_error=""
        )
    return given_up
