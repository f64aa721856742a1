"""The form at the front door, and the words that people agree to there."""

from candidates.forms.signup import SignUpForm
from candidates.forms.wording import contact_wording, share_wording

__all__ = ["SignUpForm", "contact_wording", "share_wording"]
