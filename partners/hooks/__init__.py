"""Webhooks: events planned as rows, sent under a lease, tried again, logged, replayed.

`plan` looks for events that happened, `sweep` sends what is due: both again and again.
"""

from partners.hooks.endpoints import (
    NotTaken,
    check,
    delete,
    has_room,
    make,
    name_people,
    ping,
    rotate,
    sends_for,
    switch_off,
    switch_on,
)
from partners.hooks.log import expire, listed, replay, replay_since
from partners.hooks.messages import COMPOSERS, NothingToTell
from partners.hooks.planning import PLANNERS, plan
from partners.hooks.sending import sweep
from partners.hooks.signing import secret

__all__ = [
    "COMPOSERS",
    "PLANNERS",
    "NotTaken",
    "NothingToTell",
    "check",
    "delete",
    "expire",
    "has_room",
    "listed",
    "make",
    "name_people",
    "ping",
    "plan",
    "replay",
    "replay_since",
    "rotate",
    "secret",
    "sends_for",
    "sweep",
    "switch_off",
    "switch_on",
]
