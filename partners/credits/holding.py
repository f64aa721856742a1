"""Settles what was withheld: staff looked, and credit it or don't."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from partners.credits.correcting import Move, move
from partners.credits.standing import lines_of, locked, standing_of
from partners.models import Correction, Hold, User

# How the reasons of lines begin that no colleague chose a link for: credit that may be decided
# anew. What was reassigned for any other reason, somebody decided about this one person.
RELEASED, REPAIRED, RECOMPUTED = "hold released", "code repaired", "recomputed"
DECIDED_BY_RULE = (RELEASED, REPAIRED, RECOMPUTED)


@transaction.atomic
def release(*, hold_ids: Sequence[int], author: User, now: datetime) -> int:
    """Credit what was withheld to its link, with all that came later; say how many. Idempotent.

    Of somebody who is voided it stays withheld: settled, it would go to nobody when restored.
    """
    holds = _counting(_unsettled(hold_ids))
    moves = {it.candidate_uuid: _to_its_link(it) for it in holds}
    move(moves=moves, cause=Correction.Cause.RELEASED, author=author, now=now)
    return _settle(holds, Hold.Outcome.RELEASED, author, now)


@transaction.atomic
def refuse(*, hold_ids: Sequence[int], author: User, now: datetime) -> int:
    """Leave what was withheld with nobody, for good; say how many. Idempotent."""
    return _settle(_unsettled(hold_ids), Hold.Outcome.REFUSED, author, now)


def _unsettled(hold_ids: Sequence[int]) -> list[Hold]:
    """Lock the credits, then the holds: in the order in which corrections do."""
    asked = Hold.objects.filter(pk__in=hold_ids)
    locked(candidate_uuids=asked.values_list("candidate_uuid", flat=True))
    rows = asked.filter(settled_at=None).select_for_update(of=("self",)).select_related("link")
    return list(rows.order_by("pk"))


def _counting(holds: Sequence[Hold]) -> list[Hold]:
    lines = lines_of(candidate_uuids=[it.candidate_uuid for it in holds])
    standing = standing_of(lines=lines)
    return [it for it in holds if standing[it.candidate_uuid].counts]


def _to_its_link(hold: Hold) -> Move:
    reason = f"{RELEASED} ({hold.suspicion}): credited to '{hold.link.label}'"
    return Move(hold.link_id, hold.link.partner_id, reason)


def _settle(holds: Sequence[Hold], outcome: Hold.Outcome, author: User, now: datetime) -> int:
    Hold.objects.filter(pk__in=[it.pk for it in holds]).update(
        settled_at=now, settled_by=author, outcome=outcome
    )
    return len(holds)
