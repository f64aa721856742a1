"""The tables of candidates: every field here is personal data or points to it."""

from candidates.models.candidates import Candidate, PhoneConflict, Resubmission
from candidates.models.followups import FollowUp, Suppression
from candidates.models.promises import Consent, Touch
from candidates.models.triage import TriageAction

__all__ = [
    "Candidate",
    "Consent",
    "FollowUp",
    "PhoneConflict",
    "Resubmission",
    "Suppression",
    "Touch",
    "TriageAction",
]
