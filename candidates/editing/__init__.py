"""Staff own the sequences: they set them up, order their steps, and switch them off and on."""

from candidates.editing.drafting import create, editable, save, settings_of
from candidates.editing.places import check_places, move, neighbours
from candidates.editing.rules import NotAllowed, check_hours, check_stage
from candidates.editing.steps import add, look, remove, save_step, settings_of_step
from candidates.editing.switching import switch_off, switch_on
from candidates.editing.waiting import waiting
from candidates.followups import Shift

__all__ = [
    "NotAllowed",
    "Shift",
    "add",
    "check_hours",
    "check_places",
    "check_stage",
    "create",
    "editable",
    "look",
    "move",
    "neighbours",
    "remove",
    "save",
    "save_step",
    "settings_of",
    "settings_of_step",
    "switch_off",
    "switch_on",
    "waiting",
]
