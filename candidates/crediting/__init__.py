"""Decides credit anew from the touches that are kept with each sign-up.

For codes that are repaired, and for drives that are recomputed. Every change is a ledger line.
"""

from candidates.crediting.codes import (
    Suggestion,
    UnknownCode,
    code_of,
    find_links,
    suggest,
    unknown,
)
from candidates.crediting.recomputing import (
    LONGEST_WHY,
    LONGEST_WINDOW,
    MOST_ON_A_PAGE,
    Difference,
    LedgerMoved,
    Outcome,
    Question,
    apply,
    apply_seen,
    differences,
    dry_run,
    is_too_large,
)
from candidates.crediting.repairing import CodeTaken, Preview, Repair, preview, repair

__all__ = [
    "LONGEST_WHY",
    "LONGEST_WINDOW",
    "MOST_ON_A_PAGE",
    "CodeTaken",
    "Difference",
    "LedgerMoved",
    "Outcome",
    "Preview",
    "Question",
    "Repair",
    "Suggestion",
    "UnknownCode",
    "apply",
    "apply_seen",
    "code_of",
    "differences",
    "dry_run",
    "find_links",
    "is_too_large",
    "preview",
    "repair",
    "suggest",
    "unknown",
]
