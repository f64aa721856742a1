"""Two leads that are one person: of what either reached, one line counts, and nothing is lost."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from partners.credits.correcting import Cause, Deed, handing, restoring, voiding, write
from partners.credits.standing import Line, lines_of, locked, standing_of
from partners.models import Credit, User


class CountsNot(Exception):
    """Who is to count for both was voided: nobody would be left who counts."""


@transaction.atomic
def unite(*, one: UUID, into: UUID, reason: str, author: User, now: datetime) -> None:
    """Let the second count for both: what only the first reached moves there. Idempotent.

    Raises CountsNot.
    """
    locked(candidate_uuids=[one, into])
    standing = standing_of(lines=lines_of(candidate_uuids=[one, into]))
    theirs, kept = standing[one], standing[into]
    if theirs.counts and not kept.counts:
        raise CountsNot
    moved: list[Credit] = []
    voided: list[Credit] = []
    for kind, line in theirs.holds.items():
        if kind in kept.holds:
            voided.append(voiding(line, reason, author, now))
        else:
            moved += handing(line, kept.signed_up, reason, author, now)
    write(voided, Deed.VOIDED, Cause.DUPLICATE)
    write(moved, Deed.MOVED, Cause.DUPLICATE)


@transaction.atomic
def divide(
    *, one: UUID, kept: UUID, others: Sequence[UUID], reason: str, author: User, now: datetime
) -> None:
    """Give back to the first what it reached by itself, and counted as the second.

    The second keeps what it reached too, or one of `others`, who are the second as well.
    """
    locked(candidate_uuids=[one, kept, *others])
    lines = lines_of(candidate_uuids=[one, kept, *others])
    standing = standing_of(lines=lines)
    theirs, of_kept = standing[one], standing[kept]
    lost = theirs.voided | theirs.gone
    with_others = _reached(line for it in (kept, *others) for line in lines[it])
    back: list[Credit] = []
    moved: list[Credit] = []
    for kind in lost.keys() & _reached(lines[one]):
        lent = (of_kept.holds | of_kept.voided).get(kind)
        if not lent or kind in with_others:
            back.append(restoring(lost[kind], reason, author, now))
            continue
        if kind in of_kept.voided:
            back.append(restoring(lent, reason, author, now))
        moved += handing(lent, theirs.signed_up, reason, author, now)
    write(back, Deed.RESTORED, Cause.MISTAKE)
    write(moved, Deed.MOVED, Cause.MISTAKE)


def _reached(lines: Iterable[Line]) -> set[str]:
    """Return what these lines say happened to somebody themselves."""
    return {line.kind for line in lines if line.kind == line.counts_as}
