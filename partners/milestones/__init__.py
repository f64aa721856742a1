"""Counts the ledger, stamps each milestone once, and can prove the sums."""

from partners.milestones.announcing import announce
from partners.milestones.folding import BATCH, FOLD_LOCK, fold, hold, is_counted, look_back
from partners.milestones.recounting import RECOUNT_LOCK, drift, is_level, recount, watch
from partners.milestones.stamping import value
from partners.milestones.suggesting import Suggestion, add_next, suggest

__all__ = [
    "BATCH",
    "FOLD_LOCK",
    "RECOUNT_LOCK",
    "Suggestion",
    "add_next",
    "announce",
    "drift",
    "fold",
    "hold",
    "is_counted",
    "is_level",
    "look_back",
    "recount",
    "suggest",
    "value",
    "watch",
]
