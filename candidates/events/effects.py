"""What an event means for its reader."""

from datetime import datetime, timedelta

from django.db.models.functions import Greatest

from candidates import privacy
from candidates.models import Candidate, MailEvent, Suppression

MOST_SOFT_BOUNCES = 3
SOFT_BOUNCES_WITHIN = timedelta(days=7)

Kind = MailEvent.Kind
# After one of these the person is never mailed again, at none of their addresses.
REFUSING = {
    Kind.COMPLAINT: Suppression.Reason.COMPLAINT,
    Kind.UNSUBSCRIBED: Suppression.Reason.UNSUBSCRIBED,
}


def follow(*, event: MailEvent, candidate: Candidate, now: datetime) -> None:
    """Do what this event asks for; the caller holds the candidate."""
    kind = Kind(event.kind)
    if kind in REFUSING:
        privacy.refuse(candidate_id=candidate.pk, reason=REFUSING[kind], now=now)
    elif kind == Kind.HARD_BOUNCE:
        privacy.suppress(candidate=candidate, reason=Suppression.Reason.HARD_BOUNCE, now=now)
    elif kind == Kind.SOFT_BOUNCE and _bounces_again_and_again(event, candidate):
        reason = Suppression.Reason.SOFT_BOUNCES
        privacy.suppress(candidate=candidate, reason=reason, now=now)
    elif kind == Kind.REPLIED:
        # GREATEST of PostgreSQL passes over NULL.
        person = Candidate.objects.filter(id=candidate.id)
        person.update(replied_at=Greatest("replied_at", event.at))


def _bounces_again_and_again(event: MailEvent, candidate: Candidate) -> bool:
    """Whether this one lies in a week with three, told in any order: of three different mails."""
    near = MailEvent.objects.filter(
        followup__candidate=candidate,
        kind=Kind.SOFT_BOUNCE,
        at__gt=event.at - SOFT_BOUNCES_WITHIN,
        at__lt=event.at + SOFT_BOUNCES_WITHIN,
    )
    found = list(near.order_by("at").values_list("at", "followup_id"))
    return any(
        len({mail for at, mail in found if begin <= at < begin + SOFT_BOUNCES_WITHIN})
        >= MOST_SOFT_BOUNCES
        for begin, _mail in found
    )
