"""Which lead of a merged person each partner sees: one, or none."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from candidates import identity, sharing
from candidates.models import Candidate, Consent
from partners import credits


def settle(*, kept: Candidate, now: datetime) -> None:
    """Decide for each partner anew by which of this person's leads it sees the person. Idempotent.

    By the one that goes on, where that one agreed. By another, where only that one agreed and the
    credit that goes on is this partner's. Not at all, once any of them took a yes to it back.
    """
    of_partner: dict[int | None, list[Consent]] = defaultdict(list)
    for consent in _told(identity.leads_of(candidate_id=kept.pk)):
        of_partner[consent.partner_id].append(consent)
    credited = credits.partners_of(candidate_uuids=[kept.pk]).get(kept.pk)
    for partner_id, told in of_partner.items():
        has_credit = credited is not None and credited.pk == partner_id
        shown = _shown(told, kept, has_credit=has_credit)
        standing = [it for it in told if it.withdrawn_at is None]
        sharing.show(consents=[it for it in standing if it == shown])
        sharing.set_aside(consents=[it for it in standing if it != shown], now=now)


def _told(leads: Sequence[Candidate]) -> Sequence[Consent]:
    rows = Consent.objects.filter(candidate__in=leads, purpose=Consent.Purpose.SHARE)
    return list(rows.select_related("candidate").order_by("given_at", "id"))


def _shown(told: Sequence[Consent], kept: Candidate, *, has_credit: bool) -> Consent | None:
    standing = [it for it in told if it.withdrawn_at is None]
    if {it.candidate_id for it in told} - {it.candidate_id for it in standing}:
        return None
    may = [it for it in standing if has_credit or it.candidate_id == kept.pk]
    return min(may, key=lambda it: _place(it, kept), default=None)


def _place(consent: Consent, kept: Candidate) -> tuple[bool, bool]:
    """Nobody is shown before they confirmed; else the lead that goes on comes first."""
    return consent.candidate.confirmed_at is None, consent.candidate_id != kept.pk
