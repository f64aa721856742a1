"""Credits what happens to a candidate after the sign-up."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from partners.credits.correcting import voiding
from partners.credits.standing import Standing, lines_of, locked, standing_of
from partners.models import Credit, User


@transaction.atomic
def give(
    *,
    candidate_uuids: Sequence[UUID],
    kind: Credit.Kind,
    at: datetime,
    reason: str = "",
    author: User | None = None,
) -> None:
    """Credit what happened later to the drive and link that the sign-up is credited to now.

    Idempotent: what a candidate was credited with before is not credited again. Of somebody whose
    sign-up was voided it is written down, but a line before takes it back: it never counts.
    """
    locked(candidate_uuids=candidate_uuids)
    lines = lines_of(candidate_uuids=candidate_uuids)
    written: list[Credit] = []
    for uuid, standing in standing_of(lines=lines).items():
        if any(line.kind == kind for line in lines[uuid]):
            continue
        line = _later(standing, kind, at, reason, author)
        # Before it: no running total, and so no milestone, is ever one too high.
        if not standing.counts:
            written.append(voiding(line, Credit.NEVER_COUNTED, author, at))
        written.append(line)
    Credit.objects.bulk_create(written)


def _later(
    standing: Standing, kind: Credit.Kind, at: datetime, reason: str, author: User | None
) -> Credit:
    first = standing.signed_up
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
