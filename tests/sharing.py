"""People who agreed, or not, to be shared with a partner."""

from datetime import UTC, datetime, timedelta
from typing import Any

from candidates.models import Candidate, Consent
from partners.models import Partner

NOON = datetime(2026, 11, 14, 17, 0, tzinfo=UTC)


def people(*names: str, at: datetime = NOON, is_confirmed: bool = True, **facts: Any) -> list[Any]:
    """Sign these people up, a minute apart, without a mail or a credit."""
    usual = {"zip_code": "10001", "state": "NY", "office": "council", "timeline": "next_year"}
    rows = [
        Candidate(
            first_name=name,
            last_name="Example",
            email=f"{name.lower()}@example.org",
            email_canonical=f"{name.lower()}@example.org",
            signed_up_at=at + timedelta(minutes=number),
            confirmed_at=at + timedelta(minutes=number + 1) if is_confirmed else None,
            language="en",
            **usual | facts,
        )
        for number, name in enumerate(names)
    ]
    return Candidate.objects.bulk_create(rows, batch_size=2000)


def share(partner: Partner, *candidates: Candidate) -> None:
    """They said yes to this partner when they signed up."""
    Consent.objects.bulk_create(
        [
            Consent(
                candidate=candidate,
                purpose=Consent.Purpose.SHARE,
                partner=partner,
                wording=f"You may give my answers to {partner.name}.",
                door="form",
                given_at=candidate.signed_up_at,
            )
            for candidate in candidates
        ],
        batch_size=2000,
    )


def sharing_with(partner: Partner, *names: str, **facts: Any) -> list[Candidate]:
    found = people(*names, **facts)
    share(partner, *found)
    return found
