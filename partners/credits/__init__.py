"""Writes the ledger: who is credited with what. Lines are added, never changed."""

from partners.credits.correcting import Move, move, reassign, restore, void
from partners.credits.deciding import (
    HOLD_CLAUSE,
    SIGN_UP_CLAUSE,
    Came,
    Decision,
    choose,
    decide,
)
from partners.credits.giving import give
from partners.credits.holding import refuse, release
from partners.credits.standing import (
    LONGEST_REASON,
    Line,
    Standing,
    all_locked,
    credited_to,
    lines_of,
    locked,
    partners_of,
    standing_of,
)

__all__ = [
    "HOLD_CLAUSE",
    "LONGEST_REASON",
    "SIGN_UP_CLAUSE",
    "Came",
    "Decision",
    "Line",
    "Move",
    "Standing",
    "all_locked",
    "choose",
    "credited_to",
    "decide",
    "give",
    "lines_of",
    "locked",
    "move",
    "partners_of",
    "reassign",
    "refuse",
    "release",
    "restore",
    "standing_of",
    "void",
]
