"""What must be true after every play, whatever was done to the world: INV1 to INV7.

See candidates.audit for most of it; what the mail server wrote down takes the place of the outbox.
"""

import itertools
import re
import time
from collections.abc import Iterator, Sequence

from django.utils import timezone

from candidates.audit import ledger, mails, people, targets
from candidates.audit.check import Check, at_most, none
from candidates.replay import debts
from recruit.local import processes
from tests.faults import witness
from tests.faults.world import World

LOGS = ("web*.log", "worker*.log")
# A traceback follows a line that says what it is about, save in a thread that dies of it.
TROUBLE = re.compile(
    r" (ERROR|CRITICAL) |^Exception (in thread|ignored)|^\[\S+ \S+: (ERROR|CRITICAL)"
)


def settle(*, seconds: float) -> float:
    """Wait until nothing is owed, and return how long that took; the audit shows what still is."""
    began = time.monotonic()
    processes.wait_until(_is_paid, seconds=seconds, pause=0.25)
    return time.monotonic() - began


def _is_paid() -> bool:
    return debts.look(now=timezone.now(), still_to_confirm=0).are_paid


def always(
    world: World, *, most_repeats: int = 0, most_unsaid: int = 0, known: Sequence[str] = ()
) -> Iterator[Check]:
    arrived = world.letters.arrived()
    yield from people.always()
    yield from ledger.always()
    yield from targets.always()
    bounds = {"most_repeats": most_repeats, "most_unsaid": most_unsaid}
    yield from mails.always(arrived=arrived, now=timezone.now(), **bounds)
    yield none("mails still owed", witness.owed())
    begun = witness.begun()
    to_people = arrived.deliveries.keys() - mails.of_partners()
    unsaid = [key for key in to_people if arrived.deliveries[key] > begun.get(key, 0)]
    yield at_most(
        "mails that arrived more often than their row was begun", most_unsaid, len(unsaid)
    )
    errors = list(trouble(world, known))
    world.tell(*errors[:3])
    yield none("lines of trouble in the logs", len(errors))


def trouble(world: World, known: Sequence[str]) -> Iterator[str]:
    for log in itertools.chain.from_iterable(map(world.place.log.glob, LOGS)):
        for line in log.read_text(errors="replace").splitlines():
            if TROUBLE.search(line) and not any(cause in line for cause in known):
                yield f"{log.name}: {line[:200]}"
