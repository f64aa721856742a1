"""Whoever said no to mail under one address said no: nobody writes to the other one either."""

from datetime import datetime

from candidates import identity, privacy
from candidates.models import Candidate, Consent, Suppression

Reason = Suppression.Reason
# A mailbox that bounces says nothing about the person's other one.
OF_THE_PERSON = (*privacy.THEIR_OWN_WORD, Reason.BY_STAFF)


def carry(*, one: Candidate, other: Candidate, now: datetime) -> bool:
    """Bar the other's address where this one's must not be written to; say whether that is new."""
    if not _refuses(one) or privacy.entry_of(candidate=other):
        return False
    privacy.suppress(candidate=other, reason=Reason.MERGED, now=now)
    return True


def give_back(*, other: Candidate) -> bool:
    """Lift what merging alone barred, when nobody is left who said no; say whether it was so.

    What was set aside meanwhile stays unsent.
    """
    if any(_refuses(it) for it in identity.leads_of(candidate_id=other.pk) if it != other):
        return False
    mine = Suppression.objects.filter(digest=privacy.digest(other.email_canonical))
    deleted, _models = mine.filter(reason=Reason.MERGED).delete()
    return bool(deleted)


def _refuses(lead: Candidate) -> bool:
    entry = privacy.entry_of(candidate=lead)
    return bool(entry and entry.reason in OF_THE_PERSON) or _took_contact_back(lead)


def _took_contact_back(lead: Candidate) -> bool:
    told = lead.consents.filter(purpose=Consent.Purpose.CONTACT)
    standing = told.filter(withdrawn_at=None)
    return told.exists() and not standing.exists()
