"""Rehearsals of a drive: `begin` writes a row, `tend` makes what it asks for, `purge` ends it.

The rehearsal itself runs in processes of its own (recruit.rehearsal); these here serve the real
day, and look into its schema for nothing but that.
"""

from partners.rehearsals.beginning import AlreadyOn, begin, is_its_day, is_set_up
from partners.rehearsals.looking import Look, history, look
from partners.rehearsals.making import make
from partners.rehearsals.purging import Numbers, finish, numbers, purge
from partners.rehearsals.tending import tend

__all__ = [
    "AlreadyOn",
    "Look",
    "Numbers",
    "begin",
    "finish",
    "history",
    "is_its_day",
    "is_set_up",
    "look",
    "make",
    "numbers",
    "purge",
    "tend",
]
