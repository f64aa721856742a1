"""The tables of candidates: every field here is personal data or points to it."""

from candidates.models.broadcasts import Broadcast
from candidates.models.candidates import Candidate, PhoneConflict, Resubmission
from candidates.models.delivery import MailEvent, MailGround, MailPause
from candidates.models.followups import FollowUp, Suppression
from candidates.models.promises import Consent, Touch
from candidates.models.sequences import Lane, Sequence, Step, StepText
from candidates.models.sharing import LeadExport, LeadFetch, Tombstone
from candidates.models.triage import TriageAction

__all__ = [
    "Broadcast",
    "Candidate",
    "Consent",
    "FollowUp",
    "Lane",
    "LeadExport",
    "LeadFetch",
    "MailEvent",
    "MailGround",
    "MailPause",
    "PhoneConflict",
    "Resubmission",
    "Sequence",
    "Step",
    "StepText",
    "Suppression",
    "Tombstone",
    "Touch",
    "TriageAction",
]
