"""Webhooks about leads: which events, and what is said of a person at the moment of telling.

A partner is told who somebody is while that person agrees to it; staff, where a colleague with the
right to do so switched that on. All others get an id, a stage, a link and times.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from candidates import sharing
from candidates.models import Candidate, Consent, TriageAction
from partners import credits, hooks
from partners.credits import Standing
from partners.hooks import planning
from partners.hooks.messages import Composer, Data, moment
from partners.hooks.sending import Clock
from partners.models import Delivery, Endpoint, ReferralLink
from partners.models.hooks import Event

NAMED = (
    "first_name", "last_name", "email", "phone", "state", "zip_code", "office", "timeline",
    "motivation", "language",
)  # fmt: skip

# Of a partner are those who agreed to be shared with it, and those who are credited to it now.
# The ledger is asked in two conditions, because each is what one partial index holds.
MOVED = planning.OWE.format(
    rows="""(SELECT * FROM candidates_triageaction WHERE kind = 'moved' AND at >= %(begin)s)
        AS action""",
    source="'action:' || action.id",
    kind=f"'{Event.STAGE_CHANGED}'",
    subject="action.candidate_id::text",
    at="action.at",
    is_theirs="""EXISTS (SELECT FROM candidates_consent AS consent
        WHERE consent.candidate_id = action.candidate_id AND consent.purpose = 'share'
        AND consent.partner_id = endpoint.partner_id AND consent.withdrawn_at IS NULL
        AND consent.set_aside_at IS NULL)
    OR endpoint.partner_id = (SELECT credit.partner_id FROM partners_credit AS credit
        WHERE ((credit.candidate_uuid = action.candidate_id
                AND NOT (credit.kind IN ('voided', 'reassigned')))
            OR (credit.candidate_uuid = action.candidate_id
                AND credit.kind IN ('voided', 'reassigned')))
        AND credit.counts_as = 'signed_up' AND credit.amount = 1
        ORDER BY credit.id DESC LIMIT 1)""",
)
WITHDRAWN = planning.OWE.format(
    rows="candidates_tombstone AS stone",
    source="'stone:' || stone.id || ':' || extract(epoch FROM stone.at)",
    kind=f"'{Event.CONSENT_WITHDRAWN}'",
    subject="stone.candidate_uuid::text",
    at="stone.at",
    is_theirs="endpoint.partner_id = stone.partner_id",
)


def plan(*, now: datetime) -> int:
    """Owe what happened since the last time to whoever wants to know. Idempotent."""
    return hooks.plan(planners=(*hooks.PLANNERS, _moved, _withdrawn), now=now)


def sweep(*, clock: Clock) -> int:
    """Send all that may leave now."""
    return hooks.sweep(composers=COMPOSERS, clock=clock)


def _moved(begin: datetime, now: datetime) -> int:
    return planning.owe(statement=MOVED, begin=begin, now=now)


def _withdrawn(begin: datetime, now: datetime) -> int:
    return planning.owe(statement=WITHDRAWN, begin=begin, now=now)


def _lead(delivery: Delivery) -> Data:
    """Say who it is or, of those who are credited to the endpoint's partner, that there is one.

    Raises NothingToTell where the person withdrew, the credit went elsewhere, or they turned out to
    be another lead, since it was owed.
    """
    person = Candidate.objects.filter(pk=UUID(delivery.subject)).first()
    if person is None:
        raise hooks.NothingToTell
    is_named, standing = _may_name(delivery.endpoint, person), _standing(person)
    credited_to = standing and not person.merged_into_id and standing.signed_up.partner_id
    is_theirs = delivery.endpoint.partner_id in (None, credited_to)
    if not (is_named or is_theirs):
        raise hooks.NothingToTell
    told = {
        "id": _name_of(delivery),
        "is_named": is_named,
        "stage": person.stage,
        "link": _code(standing) if is_theirs else None,
        "signed_up_at": moment(person.signed_up_at),
        "confirmed_at": moment(person.confirmed_at),
    }
    if is_named:
        told |= {field: getattr(person, field) or "" for field in NAMED}
    return {"lead": told}


def _stage(delivery: Delivery) -> Data:
    action = TriageAction.objects.filter(pk=int(delivery.source.partition(":")[2])).first()
    if action is None:
        raise hooks.NothingToTell
    return {"from": action.from_stage, "to": action.to_stage, **_lead(delivery)}


def _gone(delivery: Delivery) -> Data:
    return {"lead": {"id": _name_of(delivery)}}


def _may_name(endpoint: Endpoint, person: Candidate) -> bool:
    if endpoint.partner is None:
        return endpoint.names_people_at is not None
    return Consent.objects.shared_with(endpoint.partner).filter(candidate=person).exists()


def _name_of(delivery: Delivery) -> str:
    """Return by what the receiver knows this person: a partner, by the reference of its files."""
    candidate_id, partner_id = UUID(delivery.subject), delivery.endpoint.partner_id
    if partner_id is None:
        return str(candidate_id)
    return sharing.reference(candidate_id=candidate_id, partner_id=partner_id)


def _standing(person: Candidate) -> Standing | None:
    lines = credits.lines_of(candidate_uuids=[person.pk])
    return credits.standing_of(lines=lines).get(person.pk)


def _code(standing: Standing | None) -> str | None:
    """Return the code of the link that the sign-up is credited to."""
    found = ReferralLink.objects.filter(pk__in=[standing.signed_up.link_id] if standing else [])
    return found.values_list("code", flat=True).first()


COMPOSERS: Mapping[str, Composer] = {
    **hooks.COMPOSERS,
    Event.LEAD_CREATED: _lead,
    Event.LEAD_CONFIRMED: _lead,
    Event.STAGE_CHANGED: _stage,
    Event.CONSENT_WITHDRAWN: _gone,
}
