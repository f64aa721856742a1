"""Those who fold, recount and announce, each a process that is killed; and those who write.

Run as a program, in an environment that leads to a world. It forks, so that whoever was killed has
a successor within milliseconds, and prints how many kills came in the midst of a fold.
"""

import importlib
import multiprocessing
import os
import random
import sys
import time
from collections.abc import Callable
from ctypes import c_bool
from uuid import uuid4

import django

django.setup()

from django.utils import timezone  # noqa: E402

from candidates import signup  # noqa: E402
from candidates.replay.cast import ZIP_CODES  # noqa: E402
from partners import credits, milestones  # noqa: E402
from partners.models import Credit, ReferralLink  # noqa: E402
from partners.touches import Touch  # noqa: E402
from tests.faults.seeding import AGREED  # noqa: E402

Deed = Callable[[random.Random], object]
FORK = multiprocessing.get_context("fork")
NEWEST, PAUSE_SECONDS, LONGEST_LIFE_SECONDS = 50, 0.05, 0.1


def fold(_chance: random.Random) -> None:
    milestones.fold(now=timezone.now())


def recount(_chance: random.Random) -> None:
    milestones.recount(now=timezone.now())


def announce(_chance: random.Random) -> None:
    milestones.announce(now=timezone.now())


def sign_up(chance: random.Random) -> None:
    now = timezone.now()
    codes = list(ReferralLink.objects.order_by("code").values_list("code", flat=True))
    told = {"first_name": "Ada", "last_name": "Example", "email": f"{uuid4()}@example.org"}
    told |= {"office": "council", "timeline": "later", "zip_code": chance.choice(ZIP_CODES)}
    touches = [Touch(chance.choice(codes), "", now)]
    signup.sign_up(answers=signup.Answers(**told), agreements=AGREED, touches=touches, now=now)


def correct(chance: random.Random) -> None:
    newest = Credit.objects.filter(kind="signed_up").order_by("-id")[:NEWEST]
    uuids = list(newest.values_list("candidate_uuid", flat=True))
    few = chance.sample(uuids, min(3, len(uuids)))
    words = {"reason": "to see what happens", "author": None, "now": timezone.now()}
    deed = chance.choice([credits.void, credits.void, credits.restore, credits.reassign])
    link = {"link": None} if deed is credits.reassign else {}
    deed(candidate_uuids=few, **link, **words)


KILLED: list[Deed] = [fold] * 4 + [recount, announce]
SPARED: list[Deed] = [sign_up] * 2 + [correct]


class Worker:
    """A process that does one thing until it is killed, and shows whether it is just at it."""

    def __init__(self, deed: Deed, seed: str) -> None:
        self.is_busy = FORK.RawValue(c_bool)
        self._process = FORK.Process(target=self._go_on, args=(deed, seed), daemon=True)
        self._process.start()

    def _go_on(self, deed: Deed, seed: str) -> None:
        chance, parent = random.Random(seed), os.getppid()
        while os.getppid() == parent:
            self.is_busy.value = True
            deed(chance)
            self.is_busy.value = False
            time.sleep(chance.uniform(0, PAUSE_SECONDS))

    def kill(self) -> bool:
        """Return whether it was at it; whoever is gone before, died of what should not happen."""
        assert self._process.is_alive()
        self._process.kill()
        self._process.join()
        return bool(self.is_busy.value)


def main(kills: int, seed: str) -> None:
    chance = random.Random(seed)
    writers = [Worker(deed, f"{seed} writer {place}") for place, deed in enumerate(SPARED)]
    victims = [Worker(deed, f"{seed} {place}") for place, deed in enumerate(KILLED)]
    amid = 0
    for number in range(kills):
        time.sleep(chance.uniform(0, LONGEST_LIFE_SECONDS))
        place = chance.randrange(len(victims))
        amid += victims[place].kill() and KILLED[place] is fold
        victims[place] = Worker(KILLED[place], f"{seed} {place} {number}")
    for worker in [*writers, *victims]:
        worker.kill()
    sys.stdout.write(str(amid))


if __name__ == "__main__":
    for name in sys.argv[3:]:
        importlib.import_module(f"tests.faults.twins.{name}")
    main(int(sys.argv[1]), sys.argv[2])
