"""The tables of partners: who recruits, through which links, and what was counted."""

from partners.models.accounts import Member, User
from partners.models.drives import Drive, Milestone
from partners.models.ledger import Credit, Tally
from partners.models.links import Partner, ReferralLink, VisitTally

__all__ = [
    "Credit",
    "Drive",
    "Member",
    "Milestone",
    "Partner",
    "ReferralLink",
    "Tally",
    "User",
    "VisitTally",
]
