"""Owes staff, and members who want it, their letters about each milestone that was reached."""

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef

from partners import letters
from partners.models import Invitation, Letter, Member, Milestone, User


def announce(*, now: datetime) -> int:
    """Owe each reader a letter for each milestone that was reached; return how many.

    Each milestone is stamped in the transaction that owes its letters: once, by one caller.
    """
    with transaction.atomic():
        reached = Milestone.objects.filter(reached_at__isnull=False, announced_at=None)
        untold = list(reached.select_for_update(skip_locked=True))
        Milestone.objects.filter(id__in=[it.id for it in untold]).update(announced_at=now)
        return letters.owe_all(owed=[it for milestone in untold for it in _letters(milestone, now)])


def _letters(milestone: Milestone, now: datetime) -> Iterator[Letter]:
    yield from _to_staff(milestone, now)
    if milestone.partner_id is None:  # of its own goal a partner is told by digests.owe_goals
        yield from _to_members(milestone, now)


def _to_staff(milestone: Milestone, now: datetime) -> Iterator[Letter]:
    """Owed since it was reached: they leave in the order in which that happened."""
    for number, address in enumerate(settings.STAFF_EMAILS, start=1):
        yield Letter(
            kind=Letter.Kind.MILESTONE,
            recipient=address,
            language=settings.LANGUAGE_CODE,
            facts={"milestone": milestone.id},
            key=f"milestone:{milestone.id}:{number}",
            owed_at=milestone.reached_at or now,
        )


def _to_members(milestone: Milestone, now: datetime) -> Iterator[Letter]:
    """Each person once, of however many partners, in the language they accepted last to join in."""
    accepted = Invitation.objects.filter(accepted_at__isnull=False).order_by("accepted_at")
    languages = dict(accepted.values_list("email", "language"))
    belongs = Exists(Member.objects.filter(user=OuterRef("pk")))
    readers = User.objects.filter(belongs, is_active=True, wants_milestone_mail=True)
    for user in readers.exclude(email__in=settings.STAFF_EMAILS).order_by("pk"):
        yield Letter(
            kind=Letter.Kind.DRIVE_GOAL,
            recipient=user.email,
            language=languages.get(user.email, settings.LANGUAGE_CODE),
            facts={"milestone": milestone.id, "user": user.pk},
            key=f"milestone:{milestone.id}:user:{user.pk}",
            owed_at=milestone.reached_at or now,
        )
