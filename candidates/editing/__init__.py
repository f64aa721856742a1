"""Staff own the sequences: they set them up, order their steps, and switch them off and on."""

from candidates.editing.drafting import create, editable, save
from candidates.editing.rules import NotAllowed, check_hours, check_stage
from candidates.editing.steps import add, move, remove, save_step
from candidates.editing.switching import switch_off, switch_on
from candidates.editing.waiting import waiting

__all__ = [
    "NotAllowed",
    "add",
    "check_hours",
    "check_stage",
    "create",
    "editable",
    "move",
    "remove",
    "save",
    "save_step",
    "switch_off",
    "switch_on",
    "waiting",
]
