"""What is still to be done after the last sign-up: the day is over when nothing is."""

from dataclasses import dataclass
from datetime import datetime

from candidates.models import FollowUp
from partners.models import Credit, Letter, Milestone


@dataclass(frozen=True, slots=True)
class Debts:
    """Counts of what is owed; `leased` of the mails are in the hands of a worker, dead or alive."""

    mails: int
    leased: int
    uncounted: int
    announcements: int
    confirmations: int

    @property
    def are_paid(self) -> bool:
        return not (self.mails or self.uncounted or self.announcements or self.confirmations)

    def __str__(self) -> str:
        said = (
            (self.mails, "mails"),
            (self.uncounted, "credits to be counted"),
            (self.announcements, "milestones to be told"),
            (self.confirmations, "people to confirm"),
        )
        text = ", ".join(f"{number:,} {what}" for number, what in said if number)
        leased = f" ({self.leased:,} leased: a killed worker's come back within a minute)"
        return text + (leased if self.leased else "")


def look(*, now: datetime, still_to_confirm: int) -> Debts:
    owed = FollowUp.objects.filter(state__in=FollowUp.OWED, due_at__lte=now)
    reached = Milestone.objects.filter(reached_at__isnull=False, announced_at=None)
    unsent = Letter.objects.filter(kind="milestone", sent_at=None, given_up_at=None)
    return Debts(
        mails=owed.count(),
        leased=owed.filter(leased_until__gt=now).count(),
        uncounted=Credit.objects.uncounted().count(),
        announcements=reached.count() + unsent.count(),
        confirmations=still_to_confirm,
    )
