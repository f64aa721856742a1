"""Owes staff their letters about each milestone that was reached."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from partners import letters
from partners.models import Letter, Milestone


def announce(*, now: datetime) -> int:
    """Owe each address of staff a letter for each milestone that was reached; return how many.

    Each milestone is stamped in the transaction that owes its letters: once, by one caller.
    """
    with transaction.atomic():
        reached = Milestone.objects.filter(reached_at__isnull=False, announced_at=None)
        untold = list(reached.select_for_update(skip_locked=True))
        Milestone.objects.filter(id__in=[it.id for it in untold]).update(announced_at=now)
        return letters.owe_all(owed=[it for milestone in untold for it in _letters(milestone, now)])


def _letters(milestone: Milestone, now: datetime) -> list[Letter]:
    """Owed since it was reached: they leave in the order in which that happened."""
    return [
        Letter(
            kind=Letter.Kind.MILESTONE,
            recipient=address,
            language=settings.LANGUAGE_CODE,
            facts={"milestone": milestone.id},
            key=f"milestone:{milestone.id}:{number}",
            owed_at=milestone.reached_at or now,
        )
        for number, address in enumerate(settings.STAFF_EMAILS, start=1)
    ]
