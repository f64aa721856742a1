"""Which events of leads are owed to whom: a stage to whoever may know the person, and an end."""

from datetime import datetime

from partners import hooks
from partners.hooks import planning
from partners.models.hooks import Event

# Of a partner are those who agreed to be shared with it: where somebody else stands on the way to
# the ballot is told in sums alone.
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
        AND consent.set_aside_at IS NULL)""",
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


def _moved(begin: datetime, now: datetime) -> int:
    return planning.owe(statement=MOVED, begin=begin, now=now)


def _withdrawn(begin: datetime, now: datetime) -> int:
    return planning.owe(statement=WITHDRAWN, begin=begin, now=now)
