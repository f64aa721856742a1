"""Corrects the ledger by lines that say so: what was wrong stays readable for ever."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, TypeAlias
from uuid import UUID

from django.db import transaction
from django.db.models import Case, Value, When

from partners.credits.standing import LONGEST_REASON, Line, lines_of, locked, standing_of
from partners.models import Correction, Credit, Drive, Hold, ReferralLink, User

Cause: TypeAlias = Correction.Cause
Deed: TypeAlias = Correction.Deed


class Move(NamedTuple):
    """Where the credits of one candidate are to go, and why. No link: organic."""

    link_id: int | None
    partner_id: int | None
    reason: str


@transaction.atomic
def reassign(
    *,
    candidate_uuids: Sequence[UUID],
    link: ReferralLink | None,
    reason: str,
    cause: Cause = Cause.OTHER,
    author: User | None,
    now: datetime,
) -> int:
    """Move every credit of these candidates to a link, or to nobody; say how many people moved.

    Two lines for each kind they have: one takes it from the old link, one gives it to the new, at
    the time it happened. Idempotent: whoever is there already, or was voided, gets no line. What
    was withheld from one who moves is settled by it: no click on the hold moves it back.
    """
    to = Move(link.id, link.partner_id, reason) if link else Move(None, None, reason)
    moves = dict.fromkeys(candidate_uuids, to)
    moved = move(moves=moves, cause=cause, author=author, now=now)
    _settle(moved, to.link_id, author, now)
    return len(moved)


@transaction.atomic
def move(
    *,
    moves: Mapping[UUID, Move],
    cause: Cause = Cause.OTHER,
    author: User | None,
    now: datetime,
) -> list[UUID]:
    """Move each candidate's credits to where it says; return who moved. See `reassign`."""
    locked(candidate_uuids=moves)
    lines = lines_of(candidate_uuids=list(moves))
    written: list[Credit] = []
    for uuid, standing in standing_of(lines=lines).items():
        to = moves[uuid]
        for line in standing.holds.values():
            if line.link_id != to.link_id:
                written += _moved(line, to, author, now)
    return write(written, Deed.MOVED, cause)


@transaction.atomic
def void(
    *,
    candidate_uuids: Sequence[UUID],
    reason: str,
    cause: Cause = Cause.OTHER,
    author: User | None,
    now: datetime,
) -> int:
    """Take back all that these candidates count for, as of when it happened; say how many people.

    Idempotent, and can be taken back: see `restore`.
    """
    locked(candidate_uuids=candidate_uuids)
    standing = standing_of(lines=lines_of(candidate_uuids=candidate_uuids))
    held = [line for it in standing.values() for line in it.holds.values()]
    lines = [voiding(line, reason, author, now) for line in held]
    return len(write(lines, Deed.VOIDED, cause))


@transaction.atomic
def restore(
    *,
    candidate_uuids: Sequence[UUID],
    reason: str,
    cause: Cause = Cause.OTHER,
    author: User | None,
    now: datetime,
) -> int:
    """Give back what was voided, to the links it was taken from; say to how many. Idempotent."""
    locked(candidate_uuids=candidate_uuids)
    standing = standing_of(lines=lines_of(candidate_uuids=candidate_uuids))
    taken = [line for it in standing.values() for line in it.voided.values()]
    lines = [restoring(line, reason, author, now) for line in taken]
    return len(write(lines, Deed.RESTORED, cause))


def write(lines: Sequence[Credit], deed: Deed, cause: Cause) -> list[UUID]:
    """Write these lines, and what anybody may know of them; return whose they are."""
    Credit.objects.bulk_create(lines, batch_size=2_000)
    of_drives: dict[int, list[Credit]] = defaultdict(list)
    for line in lines:
        of_drives[line.drive_id].append(line)
    drives = Drive.objects.in_bulk(of_drives)
    Correction.objects.bulk_create(
        _public(drives[drive_id], theirs, deed, cause) for drive_id, theirs in of_drives.items()
    )
    return list(dict.fromkeys(line.candidate_uuid for line in lines))


def _public(drive: Drive, lines: Sequence[Credit], deed: Deed, cause: Cause) -> Correction:
    return Correction(
        drive=drive,
        recorded_at=lines[0].recorded_at,
        deed=deed,
        cause=cause,
        people=max(_people(lines, amount) for amount in (-1, 1)),
        change=sum(line.amount for line in lines if line.counts_as == drive.counts),
        author=lines[0].author,
    )


def _people(lines: Sequence[Credit], amount: int) -> int:
    """Say from how many it was taken, or to how many it was given: who moved to another is one."""
    return len({line.candidate_uuid for line in lines if line.amount == amount})


def _settle(
    candidate_uuids: Sequence[UUID], link_id: int | None, author: User | None, now: datetime
) -> None:
    """Settle the holds of these by where a colleague put their credit."""
    holds = Hold.objects.filter(candidate_uuid__in=candidate_uuids, settled_at=None)
    outcome = Case(
        When(link_id=link_id, then=Value(Hold.Outcome.RELEASED)),
        default=Value(Hold.Outcome.REFUSED),
    )
    holds.update(settled_at=now, settled_by=author, outcome=outcome)


def voiding(line: Line | Credit, reason: str, author: User | None, now: datetime) -> Credit:
    """Return the line that takes this one back."""
    return _correction(line, Credit.Kind.VOIDED, -1, reason, author, now)


def restoring(line: Line, reason: str, author: User | None, now: datetime) -> Credit:
    """Return the line that gives back what was voided."""
    return _correction(line, Credit.Kind.VOIDED, 1, reason, author, now)


def handing(
    line: Line | Credit, to: Line, reason: str, author: User | None, now: datetime
) -> tuple[Credit, Credit]:
    """Return the lines that move this one to where another lead of the person is credited."""
    taken = _correction(line, Credit.Kind.REASSIGNED, -1, reason, author, now)
    given = _correction(to, Credit.Kind.REASSIGNED, 1, reason, author, now)
    given.counts_as, given.at = line.counts_as, line.at
    return taken, given


def _moved(line: Line, to: Move, author: User | None, now: datetime) -> Iterable[Credit]:
    there = line._replace(link_id=to.link_id, partner_id=to.partner_id)
    for place, amount in ((line, -1), (there, 1)):
        yield _correction(place, Credit.Kind.REASSIGNED, amount, to.reason, author, now)


def _correction(
    line: Line | Credit,
    kind: Credit.Kind,
    amount: int,
    reason: str,
    author: User | None,
    now: datetime,
) -> Credit:
    return Credit(
        candidate_uuid=line.candidate_uuid,
        drive_id=line.drive_id,
        link_id=line.link_id,
        partner_id=line.partner_id,
        kind=kind,
        counts_as=line.counts_as,
        amount=amount,
        at=line.at,
        recorded_at=now,
        reason=reason[:LONGEST_REASON],
        author=author,
        state=line.state,
        office=line.office,
    )
