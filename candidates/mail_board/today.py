"""What each sequence sent today, and what came of it."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from candidates.events import shares
from candidates.models import FollowUp, MailEvent, MailPause

Kind, Reason = MailEvent.Kind, MailPause.Reason
BOUNCES = (Kind.SOFT_BOUNCE, Kind.HARD_BOUNCE)


@dataclass(frozen=True, slots=True)
class Sent:
    """The mails of one sequence that left today; a mail that bounced twice bounced."""

    name: str
    sent: int
    bounced: int
    complaints: int

    @property
    def bounced_percent(self) -> float:
        return self.bounced * 100 / self.sent

    @property
    def complaints_percent(self) -> float:
        return self.complaints * 100 / self.sent

    @property
    def is_trouble(self) -> bool:
        """As much as would stop the lane of what can wait, however few they are."""
        return (
            self.bounced >= shares.MOST[Reason.BOUNCES] * self.sent
            or self.complaints >= shares.MOST[Reason.COMPLAINTS] * self.sent
        )


def by_sequence(*, midnight: datetime) -> list[Sent]:
    """Return the sequences that sent something since, the busiest first: two queries."""
    sent = FollowUp.objects.filter(sent_at__gte=midnight)
    counts = sent.values_list("step__sequence", "step__sequence__name").annotate(sent=Count("pk"))
    heard = _heard(midnight)
    return [
        Sent(name, count, *heard.get(pk, (0, 0)))
        for pk, name, count in counts.order_by("-sent", "step__sequence__name")
    ]


def _heard(midnight: datetime) -> dict[int, tuple[int, int]]:
    """Count the bounces and complaints, by sequence, of mails that left since."""
    heard = MailEvent.objects.filter(
        kind__in=MailEvent.HELD_AGAINST_US, at__gte=midnight, followup__sent_at__gte=midnight
    )
    mails = Count("followup", distinct=True, filter=Q(kind__in=BOUNCES))
    spam = Count("followup", distinct=True, filter=Q(kind=Kind.COMPLAINT))
    counts = (
        heard.values_list("followup__step__sequence").annotate(mails=mails, spam=spam).order_by()
    )
    return {pk: (bounced, complaints) for pk, bounced, complaints in counts}
