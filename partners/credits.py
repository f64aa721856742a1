"""Writes the ledger: who is credited with what. Lines are added, never changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from partners import links
from partners.links import Link
from partners.models import Credit, Drive, User
from partners.touches import Touch

# A part of the one statement of candidates.signup, which names the new row `person`; a sign-up
# costs one round trip, and the ledger's columns are still named in this module alone.
SIGN_UP_CLAUSE = """
INSERT INTO partners_credit (candidate_uuid, drive_id, link_id, partner_id, kind, counts_as,
    amount, at, recorded_at, reason, state, office)
SELECT person.id, %(drive_id)s, %(link_id)s, %(partner_id)s, 'signed_up', 'signed_up',
    1, %(now)s, %(now)s, %(reason)s, %(state)s, %(office)s
FROM person
"""


@dataclass(frozen=True, slots=True)
class Decision:
    """Where the credit of a sign-up goes, and why. No link: organic."""

    link: Link | None
    reason: str

    def parameters(self, drive: Drive) -> dict[str, Any]:
        return {
            "drive_id": drive.id,
            "link_id": self.link and self.link.id,
            "partner_id": self.link and self.link.partner_id,
            "reason": self.reason[:200],
        }


def decide(*, touches: Sequence[Touch], drive: Drive, at: datetime) -> Decision:
    """Choose the touch that is credited: the drive's model over its window, known codes only."""
    since = at - timedelta(days=drive.window_days)
    in_window = sorted((touch for touch in touches if touch.at >= since), key=lambda it: it.at)
    newest_first = drive.attribution == Drive.Attribution.LAST
    for touch in reversed(in_window) if newest_first else in_window:
        link = links.resolve(raw=touch.raw_code)
        if link:
            return Decision(link, f"{drive.attribution} visit before sign-up, {_ago(touch.at, at)}")
    return Decision(None, "no visit through a known link" if touches else "came by themselves")


def _ago(then: datetime, now: datetime) -> str:
    minutes = int((now - then).total_seconds() // 60)
    for unit, size in (("days", 24 * 60), ("hours", 60)):
        if minutes >= 2 * size:
            return f"{minutes // size} {unit} earlier"
    return f"{minutes} minutes earlier"


def give(
    *,
    candidate_uuids: Sequence[UUID],
    kind: Credit.Kind,
    at: datetime,
    reason: str = "",
    author: User | None = None,
) -> None:
    """Credit what happened later to the drive and link that the sign-up is credited to.

    Idempotent: what a candidate was credited with before is not credited again.
    """
    signed_up = Credit.objects.filter(
        candidate_uuid__in=candidate_uuids, kind=Credit.Kind.SIGNED_UP
    )
    Credit.objects.bulk_create(
        (_later(first, kind, at, reason, author) for first in signed_up), ignore_conflicts=True
    )


def _later(
    first: Credit, kind: Credit.Kind, at: datetime, reason: str, author: User | None
) -> Credit:
    return Credit(
        candidate_uuid=first.candidate_uuid,
        drive_id=first.drive_id,
        link_id=first.link_id,
        partner_id=first.partner_id,
        kind=kind,
        counts_as=kind,
        at=at,
        recorded_at=at,
        reason=reason,
        author=author,
        state=first.state,
        office=first.office,
    )
