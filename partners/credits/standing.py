"""What the ledger says of a candidate, all corrections taken into account."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from partners.models import Credit, Partner
from recruit import locks

LONGEST_REASON = 200
# Of the locks that keep two colleagues, or one and the recomputing, from moving the same credit.
# A candidate has one of these few, so that a million candidates need no more locks than that.
LOCKS = locks.key(7_314_010)
BUCKETS = 256


class Line(NamedTuple):
    """One line of the ledger, as corrections need it."""

    id: int
    candidate_uuid: UUID
    drive_id: int
    link_id: int | None
    partner_id: int | None
    kind: str
    counts_as: str
    amount: int
    at: datetime
    reason: str
    state: str
    office: str


@dataclass(slots=True)
class Standing:
    """Where the credits of one candidate are now: for each kind, the line that holds it.

    `signed_up` is where the sign-up is credited, or was when it was voided: what comes later
    follows it. A kind that was voided is in `voided`, with the line that was taken back; one that
    another lead of the same person holds, in `gone`.
    """

    signed_up: Line
    holds: dict[str, Line] = field(default_factory=dict)
    voided: dict[str, Line] = field(default_factory=dict)
    gone: dict[str, Line] = field(default_factory=dict)

    @property
    def counts(self) -> bool:
        return Credit.Kind.SIGNED_UP.value in self.holds

    def has(self, kind: str) -> bool:
        """Say whether this counts for them, or would if the sign-up did."""
        return kind in self.holds or kind in self.voided


def locked(*, candidate_uuids: Iterable[UUID]) -> None:
    """Wait for whoever corrects or adds to these candidates' credits; held until the commit.

    Always taken in one order, so that two who want some of the same wait and never deadlock.
    """
    _lock(sorted({uuid.int % BUCKETS for uuid in candidate_uuids}))


def all_locked() -> None:
    """Wait for whoever corrects or adds to anybody's credits; held until the commit."""
    _lock(range(BUCKETS))


def _lock(buckets: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, bucket) FROM unnest(%s::int[]) AS bucket",
            [LOCKS, list(buckets)],
        )


def lines_of(*, candidate_uuids: Sequence[UUID]) -> dict[UUID, list[Line]]:
    """Return the lines of each, oldest first. Said as two conditions: see of_candidate."""
    is_correction = Q(kind__in=["voided", "reassigned"])
    theirs = Q(candidate_uuid__in=candidate_uuids)
    rows = Credit.objects.filter((theirs & ~is_correction) | (theirs & is_correction))
    found: dict[UUID, list[Line]] = defaultdict(list)
    for row in rows.order_by("id").values_list(*Line._fields):
        line = Line(*row)
        found[line.candidate_uuid].append(line)
    return found


def standing_of(*, lines: Mapping[UUID, Sequence[Line]]) -> dict[UUID, Standing]:
    """Return where the credits of each are; whoever was never credited is left out."""
    found = {uuid: _standing(theirs) for uuid, theirs in lines.items()}
    return {uuid: standing for uuid, standing in found.items() if standing}


def partners_of(*, candidate_uuids: Sequence[UUID]) -> dict[UUID, Partner]:
    """Return the partner that each is credited to now; the others are left out."""
    standing = standing_of(lines=lines_of(candidate_uuids=candidate_uuids))
    ids = {it.signed_up.partner_id for it in standing.values()} - {None}
    partners = Partner.objects.in_bulk(ids)
    return {
        uuid: partners[it.signed_up.partner_id]
        for uuid, it in standing.items()
        if it.signed_up.partner_id
    }


def credited_to(*, partner_ids: Collection[int]) -> QuerySet[Credit, UUID]:
    """Return all candidates credited to one of these partners now: part of a larger statement.

    Says of each what `partners_of` does: the last line that gives the sign-up to anybody.
    """
    given = Credit.objects.filter(counts_as=Credit.Kind.SIGNED_UP, amount=1)
    theirs = given.filter(partner__in=partner_ids)
    later = given.filter(
        kind__in=Credit.CORRECTIONS,
        candidate_uuid=OuterRef("candidate_uuid"),
        id__gt=OuterRef("id"),
    )
    return theirs.exclude(Exists(later)).values_list("candidate_uuid", flat=True)


def _standing(lines: Sequence[Line]) -> Standing | None:
    sums: dict[tuple[str, int | None], int] = defaultdict(int)
    given: dict[str, Line] = {}
    taken: dict[str, Line] = {}
    for line in lines:
        sums[line.counts_as, line.link_id] += line.amount
        (given if line.amount > 0 else taken)[line.counts_as] = line
    signed_up = given.get(Credit.Kind.SIGNED_UP)
    if not signed_up:
        return None
    standing = Standing(signed_up)
    for kind, line in given.items():
        if sums[kind, line.link_id] > 0:
            standing.holds[kind] = line
        elif taken[kind].kind == Credit.Kind.REASSIGNED:
            standing.gone[kind] = line
        else:
            standing.voided[kind] = line
    return standing
