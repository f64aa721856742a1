"""Who agreed to be shared with which partner; taking it back works from the next request on."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from candidates import identity
from candidates.models import Candidate, Consent, Tombstone, TriageAction
from partners.models import Credit, Partner, Tally, User

Place = tuple[datetime, int]

# A small number can be one person whom somebody knows.
SMALLEST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Headcount:
    """How many agreed and are shown, agreed and are not confirmed yet, and did not agree."""

    shared: int
    unconfirmed: int
    private: int

    @property
    def has_few_private(self) -> bool:
        return 0 < self.private < SMALLEST_SHOWN


def reference(*, candidate_id: UUID, partner_id: int) -> str:
    """Return by what this partner knows this person in every export.

    A keyed hash: it stays the same, also when the person agrees anew, says nothing about other
    partners' files, and can be written for somebody who was erased. The key is the one that is
    never changed.
    """
    named = b"lead-reference:%d:" % partner_id + candidate_id.bytes
    digest = hmac.digest(settings.SUPPRESSION_KEY.encode(), named, hashlib.sha256)
    return base64.b32encode(digest[:10]).decode().lower()


def partners_of(*, candidate_id: UUID) -> Sequence[Partner]:
    """Return the partners that this person is shared with under any of their leads, by name."""
    seen = _standing(candidate_id).filter(set_aside_at=None)
    return list(Partner.objects.filter(id__in=seen.values("partner_id")).order_by("name"))


def withdraw(
    *, candidate_id: UUID, partner_id: int, now: datetime, author: User | None = None
) -> bool:
    """Share this person with this partner no longer; idempotent. Say whether that was new.

    Lists and downloads look at the consent itself, so they know at once. A partner that could
    have seen the person gets a tombstone in its exports. `author`: the colleague who was asked to.
    """
    with transaction.atomic():
        person = Candidate.objects.select_for_update().filter(id=candidate_id).first()
        agreed = _standing(candidate_id).filter(partner=partner_id)
        if person is None or not agreed:
            return False
        _bury(agreed, now)
        agreed.update(withdrawn_at=now)
        if author:
            _record(person, partner_id, author, now)
    return True


def set_aside(*, consents: Sequence[Consent], now: datetime) -> None:
    """Show these people to these partners no longer, though nobody took anything back."""
    mine = Consent.objects.filter(pk__in=[it.pk for it in consents], set_aside_at=None)
    _bury(mine, now)
    mine.update(set_aside_at=now)


def show(*, consents: Sequence[Consent]) -> None:
    """Show these people again, as they agreed."""
    Consent.objects.filter(pk__in=[it.pk for it in consents]).update(set_aside_at=None)


def bury(*, candidate_id: UUID, now: datetime) -> None:
    """Leave a tombstone with every partner that could see this person: call it before erasing."""
    theirs = Consent.objects.filter(candidate=candidate_id, purpose=Consent.Purpose.SHARE)
    _bury(theirs.filter(withdrawn_at=None), now)


def gone(*, partner: Partner) -> QuerySet[Tombstone]:
    """Return who is no longer shared with this partner; whoever agreed anew is not among them."""
    again = Consent.objects.shared_with(partner).filter(candidate=OuterRef("candidate_uuid"))
    return Tombstone.objects.filter(~Exists(again), partner=partner).order_by("at", "id")


def leads(*, partner: Partner, after: Place | None = None) -> QuerySet[Consent]:
    """Return whom this partner may see, newest first, from a place in that order on."""
    rows = Consent.objects.shared_with(partner).select_related("candidate")
    if after:
        given_at, consent_id = after
        # The first condition is what the index is entered by; the second settles a tie.
        rows = rows.filter(given_at__lte=given_at)
        rows = rows.filter(Q(given_at__lt=given_at) | Q(id__lt=consent_id))
    return rows.order_by("-given_at", "-id")


def place_of(consent: Consent) -> Place:
    """Return the place right after this lead."""
    return consent.given_at, consent.pk


def count(*, partner: Partner) -> Headcount:
    """Return the numbers over the list: two queries. The running totals may be a second behind."""
    confirmed = Q(candidate__confirmed_at__isnull=False)
    agreed = Consent.objects.agreed(partner).aggregate(
        shared=Count("candidate", filter=confirmed),
        unconfirmed=Count("candidate", filter=~confirmed),
    )
    signed_up = Tally.objects.filter(partner=partner, kind=Credit.Kind.SIGNED_UP)
    people = signed_up.aggregate(people=Sum("value"))["people"] or 0
    private = max(0, people - agreed["shared"] - agreed["unconfirmed"])
    return Headcount(agreed["shared"], agreed["unconfirmed"], private)


def _standing(candidate_id: UUID) -> QuerySet[Consent]:
    """What this person agreed to under any of their leads, and took back under none."""
    return Consent.objects.filter(
        candidate__in=identity.leads_of(candidate_id=candidate_id),
        purpose=Consent.Purpose.SHARE,
        withdrawn_at=None,
    )


def _bury(agreed: QuerySet[Consent], at: datetime) -> None:
    """Leave a tombstone for each of these people whom the partner could see until now."""
    seen = agreed.filter(set_aside_at=None, candidate__confirmed_at__isnull=False)
    Tombstone.objects.bulk_create(
        [
            Tombstone(partner_id=partner_id, candidate_uuid=candidate_id, at=at)
            for partner_id, candidate_id in seen.values_list("partner_id", "candidate_id")
        ],
        update_conflicts=True,
        unique_fields=["partner", "candidate_uuid"],
        update_fields=["at"],
    )


def _record(person: Candidate, partner_id: int, author: User, now: datetime) -> None:
    TriageAction.objects.create(
        candidate=person,
        kind=TriageAction.Kind.UNSHARED,
        at=now,
        author=author,
        text=Partner.objects.values_list("name", flat=True).get(id=partner_id),
    )
