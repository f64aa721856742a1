"""Credits what happens to a candidate after the sign-up."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from django.db import transaction

from partners.credits.correcting import Cause, Deed, handing, voiding, write
from partners.credits.standing import Standing, lines_of, locked, standing_of
from partners.models import Credit, User

NOBODY: Mapping[UUID, UUID] = MappingProxyType({})


@transaction.atomic
def give(
    *,
    candidate_uuids: Sequence[UUID],
    kind: Credit.Kind,
    at: datetime,
    reason: str = "",
    author: User | None = None,
    holders: Mapping[UUID, UUID] = NOBODY,
) -> None:
    """Credit what happened later to the drive and link that the sign-up is credited to now.

    Idempotent: what a candidate was credited with before is not credited again. Of somebody whose
    sign-up was voided it is written down, but a line before takes it back: it never counts.
    `holders` says of those who are another lead which one: what that one lacks counts as its own.
    """
    everybody = [*candidate_uuids, *holders.values()]
    locked(candidate_uuids=everybody)
    lines = lines_of(candidate_uuids=everybody)
    standings = standing_of(lines=lines)
    written: list[Credit] = []
    moved: list[Credit] = []
    theirs = set(candidate_uuids)
    for uuid, standing in standings.items():
        if uuid not in theirs or any(line.kind == kind for line in lines[uuid]):
            continue
        line = _later(standing, kind, at, reason, author)
        holder = standings.get(holders[uuid]) if uuid in holders else None
        if holder and not holder.has(kind):
            moved += handing(line, holder.signed_up, reason, author, at)
            written += _taken_back(moved[-1], holder)
        else:
            written += _taken_back(line, standing)
        written.append(line)
    Credit.objects.bulk_create(written)
    write(moved, Deed.MOVED, Cause.DUPLICATE)


def _taken_back(line: Credit, standing: Standing) -> list[Credit]:
    """Before it: no running total, and so no milestone, is ever one too high."""
    if standing.counts and line.counts_as not in standing.holds:
        return []
    why = Credit.COUNTED_ALREADY if standing.counts else Credit.SIGN_UP_IS_VOIDED
    return [voiding(line, why, line.author, line.recorded_at)]


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
