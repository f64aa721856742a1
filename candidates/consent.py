"""What people agreed to, in the words they saw."""

from dataclasses import dataclass
from typing import Any

from candidates.models import Consent

# A part of the one statement of candidates.signup, which names the new row `person`.
SIGN_UP_CLAUSE = """
INSERT INTO candidates_consent (candidate_id, purpose, partner_id, wording, door, given_at)
SELECT person.id, given.purpose, given.partner_id, given.wording, %(door)s, %(now)s
FROM person, unnest(%(purposes)s::text[], %(consent_partners)s::bigint[], %(wordings)s::text[])
    AS given (purpose, partner_id, wording)
"""


@dataclass(frozen=True, slots=True)
class Agreement:
    """One thing that somebody said yes to."""

    purpose: Consent.Purpose
    wording: str
    partner_id: int | None = None


def parameters(agreements: list[Agreement]) -> dict[str, Any]:
    return {
        "purposes": [it.purpose.value for it in agreements],
        "consent_partners": [it.partner_id for it in agreements],
        "wordings": [it.wording for it in agreements],
    }
