"""Hands each milestone that was reached to one caller, who tells the world."""

from datetime import datetime

from django.db import transaction

from partners.models import Milestone


def claim_announcements(*, now: datetime, limit: int | None = None) -> list[Milestone]:
    """Return the milestones to be announced, oldest first; each is returned once, to one caller."""
    with transaction.atomic():
        reached = Milestone.objects.filter(reached_at__isnull=False, announced_at=None)
        claimed = list(
            reached.select_for_update(skip_locked=True, of=("self",))
            .select_related("drive", "partner")
            .order_by("reached_at", "id")[:limit]
        )
        Milestone.objects.filter(id__in=[it.id for it in claimed]).update(announced_at=now)
    return claimed


def give_back(*, milestone: Milestone) -> None:
    """Let a milestone be announced again: telling about it failed."""
    Milestone.objects.filter(id=milestone.id).update(announced_at=None)
