"""What is said of a person: all of it, a number of ours, or nothing but that there is one more.

A partner is told who somebody is while that person agrees to it, and of all others what its
dashboard says: one more, through this link, in this hour. Staff are told who somebody is where a
colleague with the right to do so switched that on.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from candidates import sharing
from candidates.models import Candidate, Consent, TriageAction
from partners import credits, hooks
from partners.hooks.messages import Composer, Data, Told, moment
from partners.hooks.sending import Clock
from partners.models import Delivery, ReferralLink
from partners.models.hooks import Event

NAMED = (
    "first_name", "last_name", "email", "phone", "state", "zip_code", "office", "timeline",
    "motivation", "language",
)  # fmt: skip


def sweep(*, clock: Clock) -> int:
    """Send all that may leave now."""
    return hooks.sweep(read=read, clock=clock)


def read(claimed: Sequence[Delivery]) -> Mapping[str, Composer]:
    """Read of whom these are, and return what writes each of them."""
    leads = _Leads(claimed)
    return {
        **hooks.COMPOSERS,
        Event.LEAD_CREATED: leads.counted,
        Event.LEAD_CONFIRMED: leads.counted,
        Event.STAGE_CHANGED: leads.moved,
        Event.CONSENT_WITHDRAWN: _gone,
    }


class _Leads:
    """Whom a handful of one endpoint is about: five queries, where four for each cost most of it.

    Who agreed is asked once more for each who is named: since the handful was read, they may have
    withdrawn.
    """

    def __init__(self, claimed: Sequence[Delivery]) -> None:
        self.endpoint = claimed[0].endpoint
        about = [it for it in claimed if it.kind in ABOUT_PEOPLE]
        uuids = [UUID(it.subject) for it in about]
        self.people = Candidate.objects.in_bulk(uuids)
        lines = credits.lines_of(candidate_uuids=uuids) if uuids else {}
        self.standing = credits.standing_of(lines=lines)
        given = {it.signed_up.link_id or 0 for it in self.standing.values()}
        self.codes = dict(ReferralLink.objects.filter(pk__in=given).values_list("pk", "code"))
        self.named = self._nameable(uuids)
        moves = [_number(it) for it in about if it.kind == Event.STAGE_CHANGED]
        self.moves = TriageAction.objects.in_bulk(moves)

    def _nameable(self, uuids: Sequence[UUID]) -> set[UUID]:
        """Return who of these may be named, now."""
        if self.endpoint.partner:
            agreed = Consent.objects.shared_with(self.endpoint.partner)
            return set(agreed.filter(candidate__in=uuids).values_list("candidate", flat=True))
        there = Candidate.objects.filter(pk__in=uuids).values_list("pk", flat=True)
        return set(there) if self.endpoint.names_people_at else set()

    def counted(self, delivery: Delivery) -> Told:
        """Raises NothingToTell where the person is gone, or no longer theirs to know of."""
        person = self._person(delivery)
        if self._is_named(person):
            return Told(delivery.happened_at, {"lead": self._all_of(person, delivery)})
        if self.endpoint.partner_id is None:
            return Told(delivery.happened_at, {"lead": self._known(person, delivery)})
        if not self._is_theirs(person):
            raise hooks.NothingToTell
        hour = delivery.happened_at.replace(minute=0, second=0, microsecond=0)
        return Told(hour, {"lead": {"is_named": False, "link": self._code(person)}})

    def moved(self, delivery: Delivery) -> Told:
        """Raises NothingToTell where a partner may not, or no longer, know of whom it is."""
        action, person = self.moves.get(_number(delivery)), self._person(delivery)
        is_named = self._is_named(person)
        if action is None or not (is_named or self.endpoint.partner_id is None):
            raise hooks.NothingToTell
        lead = (self._all_of if is_named else self._known)(person, delivery)
        told = {"from": action.from_stage, "to": action.to_stage, "lead": lead}
        return Told(delivery.happened_at, told)

    def _person(self, delivery: Delivery) -> Candidate:
        person = self.people.get(UUID(delivery.subject))
        if person is None:
            raise hooks.NothingToTell
        return person

    def _is_named(self, person: Candidate) -> bool:
        return person.pk in self.named and person.pk in self._nameable([person.pk])

    def _is_theirs(self, person: Candidate) -> bool:
        """Say whether they are credited to the endpoint's partner, and are no other lead."""
        standing = None if person.merged_into_id else self.standing.get(person.pk)
        return bool(standing and standing.signed_up.partner_id == self.endpoint.partner_id)

    def _known(self, person: Candidate, delivery: Delivery) -> Data:
        return {
            "id": _name_of(delivery),
            "is_named": False,
            "stage": person.stage,
            "link": self._code(person),
            "signed_up_at": moment(person.signed_up_at),
            "confirmed_at": moment(person.confirmed_at),
        }

    def _all_of(self, person: Candidate, delivery: Delivery) -> Data:
        told = {field: getattr(person, field) or "" for field in NAMED}
        return self._known(person, delivery) | {"is_named": True} | told

    def _code(self, person: Candidate) -> str | None:
        """Return the code of the link that brought them; for a partner, of none but its own."""
        standing = self.standing.get(person.pk)
        if standing is None or not (self.endpoint.partner_id is None or self._is_theirs(person)):
            return None
        return self.codes.get(standing.signed_up.link_id or 0)


def _gone(delivery: Delivery) -> Told:
    return Told(delivery.happened_at, {"lead": {"id": _name_of(delivery)}})


def _number(delivery: Delivery) -> int:
    return int(delivery.source.partition(":")[2])


def _name_of(delivery: Delivery) -> str:
    """Return by what the receiver knows this person: a partner, by the reference of its files."""
    candidate_id, partner_id = UUID(delivery.subject), delivery.endpoint.partner_id
    if partner_id is None:
        return str(candidate_id)
    return sharing.reference(candidate_id=candidate_id, partner_id=partner_id)


ABOUT_PEOPLE = (Event.LEAD_CREATED, Event.LEAD_CONFIRMED, Event.STAGE_CHANGED)
