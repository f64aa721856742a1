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
from partners.credits.uniting import CountsNot, divide, unite

__all__ = [
    "HOLD_CLAUSE",
    "LONGEST_REASON",
    "SIGN_UP_CLAUSE",
    "Came",
    "CountsNot",
    "Decision",
    "Line",
    "Move",
    "Standing",
    "all_locked",
    "choose",
    "credited_to",
    "decide",
    "divide",
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
    "unite",
    "void",
]
