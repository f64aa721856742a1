"""The e-mails we owe: planned with the promise, claimed, begun, sent and recorded.

At least once: a worker killed between sending and recording sends that one mail again after
LEASE, under the same Message-ID. Nothing here holds a lock or a transaction across the network.
"""

from candidates.followups.claiming import CLAIM, LEASE, begin, claim
from candidates.followups.crowds import call_off, give_back, hold, owe_all
from candidates.followups.planning import (
    SIGN_UP_CLAUSE,
    hasten_confirmation,
    parameters,
    retry,
    start,
)
from candidates.followups.sending import send_due, sweep
from candidates.followups.shifting import Shift, look, shift

__all__ = [
    "CLAIM",
    "LEASE",
    "SIGN_UP_CLAUSE",
    "Shift",
    "begin",
    "call_off",
    "claim",
    "give_back",
    "hasten_confirmation",
    "hold",
    "look",
    "owe_all",
    "parameters",
    "retry",
    "send_due",
    "shift",
    "start",
    "sweep",
]
