"""The tables of partners: who recruits, through which links, and what was counted."""

from partners.models.accounts import Member, User
from partners.models.alarms import Drifted, Recount
from partners.models.corrections import Correction
from partners.models.drives import Drive, Milestone
from partners.models.exports import NumbersExport
from partners.models.hooks import Delivery, Endpoint, HookMark
from partners.models.joining import Application, Invitation, StaffLook
from partners.models.ledger import Credit, Hold
from partners.models.letters import Letter
from partners.models.links import (
    BotTally,
    LinkCode,
    Partner,
    ReferralLink,
    VisitLoss,
    VisitTally,
)
from partners.models.mail_routes import MailRoute
from partners.models.rehearsals import Rehearsal
from partners.models.tallies import BreakdownTally, MinuteTally, StateTally, Tally, Total

__all__ = [
    "Application",
    "BotTally",
    "BreakdownTally",
    "Correction",
    "Credit",
    "Delivery",
    "Drifted",
    "Drive",
    "Endpoint",
    "Hold",
    "HookMark",
    "Invitation",
    "Letter",
    "LinkCode",
    "MailRoute",
    "Member",
    "Milestone",
    "MinuteTally",
    "NumbersExport",
    "Partner",
    "Recount",
    "ReferralLink",
    "Rehearsal",
    "StaffLook",
    "StateTally",
    "Tally",
    "Total",
    "User",
    "VisitLoss",
    "VisitTally",
]
