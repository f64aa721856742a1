"""The tables of candidates: every field here is personal data or points to it."""

from candidates.models.candidates import Candidate, PhoneConflict, Resubmission
from candidates.models.followups import FollowUp, Suppression
from candidates.models.promises import Consent, Touch
from candidates.models.sharing import LeadExport, LeadFetch, Tombstone
from candidates.models.triage import TriageAction

__all__ = [
    "Candidate",
    "Consent",
    "FollowUp",
    "LeadExport",
    "LeadFetch",
    "PhoneConflict",
    "Resubmission",
    "Suppression",
    "Tombstone",
    "Touch",
    "TriageAction",
]
