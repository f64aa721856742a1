"""Files that members ask for: owed as a row, made by a worker, downloaded for a week."""

from partners.exports import numbers
from partners.exports.cells import MARK, Sheet, lines, row, whole
from partners.exports.owing import (
    LIFE,
    MOST_A_DAY,
    Standing,
    TooMany,
    ask,
    expire,
    fetch,
    has_expired,
    listed,
    standing,
)
from partners.exports.working import LostClaim, advance, claim, finish, work

__all__ = [
    "LIFE",
    "MARK",
    "MOST_A_DAY",
    "LostClaim",
    "Sheet",
    "Standing",
    "TooMany",
    "advance",
    "ask",
    "claim",
    "expire",
    "fetch",
    "finish",
    "has_expired",
    "lines",
    "listed",
    "numbers",
    "row",
    "standing",
    "whole",
    "work",
]
