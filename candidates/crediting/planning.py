"""Says where the credit of these people belongs under a model, before anything is written."""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from candidates import suspicion
from candidates.models import Candidate, Touch
from partners import credits
from partners.credits import Came, Line, Move, Standing
from partners.credits.holding import DECIDED_BY_RULE
from partners.links import Link
from partners.models import Correction, Credit, Hold, User

# The columns of a touch's link, as partners.links.Link names them.
LINK = ("link_id", "link__code", "link__partner_id", "link__partner__name", "link__label")
Delta = Counter[tuple[int | None, str]]
RELEASED = Hold.Outcome.RELEASED.value


@dataclass(slots=True)
class Plan:
    """Who moves where, and the lines that each move takes along.

    In `doubts` is whom to hold, for which link: their credit is nobody's until staff have looked.
    """

    moves: dict[UUID, Move] = field(default_factory=dict)
    doubts: dict[UUID, tuple[Link, Hold.Suspicion]] = field(default_factory=dict)
    standing: dict[UUID, Standing] = field(default_factory=dict)

    def deltas(self) -> Delta:
        """Return by how much the net number of each partner and kind changes."""
        changed: Delta = Counter()
        for uuid, to in self.moves.items():
            for line in moving(self.standing[uuid], to):
                changed[line.partner_id, line.counts_as] -= 1
                changed[to.partner_id, line.counts_as] += 1
        return Counter({place: number for place, number in changed.items() if number})


def moving(standing: Standing, to: Move) -> Iterator[Line]:
    return (line for line in standing.holds.values() if line.link_id != to.link_id)


def plan(
    *, candidate_uuids: Sequence[UUID], attribution: str, window_days: int, because: str
) -> Plan:
    """Decide these people's credit from their touches; leave alone what a colleague decided.

    Left alone are: what was voided, what was reassigned by hand, and what is held or was refused.
    """
    lines = credits.lines_of(candidate_uuids=candidate_uuids)
    outcomes = _outcomes(candidate_uuids)
    made = Plan(standing=credits.standing_of(lines=lines))
    open_to_change = {
        uuid: it
        for uuid, it in made.standing.items()
        if it.counts and outcomes.get(uuid, RELEASED) == RELEASED and not _by_hand(lines[uuid])
    }
    came = _came(list(open_to_change))
    going: dict[UUID, tuple[Link | None, str]] = {}
    for uuid, it in open_to_change.items():
        decision = credits.choose(
            came=came[uuid], attribution=attribution, window_days=window_days, at=it.signed_up.at
        )
        if (decision.link and decision.link.id) != it.signed_up.link_id:
            going[uuid] = (decision.link, f"{because}: {decision.reason}")
    _sort(made, going, looked_at=outcomes)
    return made


def _sort(
    made: Plan, going: dict[UUID, tuple[Link | None, str]], looked_at: Container[UUID]
) -> None:
    """Nobody is credited now with what would have been held at the door.

    Somebody whose hold was released before, and who is in doubt again, stays where staff decided.
    """
    emails = dict(Candidate.objects.filter(pk__in=going).values_list("pk", "email_canonical"))
    for uuid, (link, reason) in going.items():
        doubt = suspicion.of(email=emails.get(uuid, ""), link=link, address="")
        if not (link and doubt):
            made.moves[uuid] = (
                Move(link.id, link.partner_id, reason) if link else Move(None, None, reason)
            )
        elif uuid not in looked_at:
            made.doubts[uuid] = (link, doubt)
            if made.standing[uuid].signed_up.link_id:
                made.moves[uuid] = Move(None, None, f"{reason} (withheld: {doubt.value})")


def _by_hand(lines: Iterable[Line]) -> bool:
    return any(
        line.kind == Credit.Kind.REASSIGNED and not line.reason.startswith(DECIDED_BY_RULE)
        for line in lines
    )


def _outcomes(candidate_uuids: Sequence[UUID]) -> dict[UUID, str]:
    """Return what became of what was held of these people; nothing yet: the empty outcome."""
    holds = Hold.objects.filter(candidate_uuid__in=candidate_uuids)
    return dict(holds.values_list("candidate_uuid", "outcome"))


def write(made: Plan, *, cause: Correction.Cause, author: User | None, now: datetime) -> list[UUID]:
    """Write the lines and the holds of a plan made under the same locks; return who moved."""
    held = [
        Hold(
            candidate_uuid=uuid,
            drive_id=made.standing[uuid].signed_up.drive_id,
            link_id=link.id,
            suspicion=doubt,
            held_at=now,
        )
        for uuid, (link, doubt) in made.doubts.items()
    ]
    Hold.objects.bulk_create(held)
    return credits.move(moves=made.moves, cause=cause, author=author, now=now)


def _came(candidate_uuids: Sequence[UUID]) -> dict[UUID, list[Came]]:
    """Return the arrivals through known links, in the order in which they were kept."""
    rows = Touch.objects.filter(candidate__in=candidate_uuids, link__isnull=False).order_by("id")
    known: dict[int, Link] = {}
    came: dict[UUID, list[Came]] = defaultdict(list)
    for candidate_id, at, *link in rows.values_list("candidate_id", "at", *LINK):
        found = known.setdefault(link[0], Link(*link))
        came[candidate_id].append(Came(found, at))
    return came
