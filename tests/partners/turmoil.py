"""Writers, voids, folders, recounts, cut connections and damage, all at once, in random order."""

import random
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import DatabaseError, InterfaceError, connection
from django.db.models import F
from django.utils import timezone

from candidates.audit import sums
from partners import milestones
from partners.models import (
    Credit,
    Drive,
    Milestone,
    MinuteTally,
    ReferralLink,
    StateTally,
    Tally,
    Total,
)
from tests.conftest import NOON
from tests.partners.test_folding import credit

WRITERS, FOLDERS, RECOUNTERS = 8, 4, 2
STATES = ("NY", "CA", "HI", "GU", "")
Reached = tuple[object, object, int | None]


@dataclass
class Turmoil:
    """`found` is what recounts said; `reached` what was first seen of each milestone."""

    drive: Drive
    links: list[ReferralLink | None]
    seed: int
    rounds: int
    found: int = 0
    cut: int = 0
    reached: dict[int, Reached] = field(default_factory=dict)
    moved: set[int] = field(default_factory=set)
    _written: list[Credit] = field(default_factory=list)
    _backends: dict[int, int] = field(default_factory=dict)
    _is_over: threading.Event = field(default_factory=threading.Event)
    troubles: list[BaseException] = field(default_factory=list)

    def play(self, *others: Callable[[random.Random], object], folders: Callable | None = None):
        """Return when all is written and folded; `others` go on beside it until then."""
        writers = [self._thread(self._write, number) for number in range(WRITERS)]
        fold = folders or self.fold
        beside = [fold] * FOLDERS + [self.recount] * RECOUNTERS + list(others)
        going_on = [self._thread(self._again, deed, n) for n, deed in enumerate(beside)]
        for thread in writers:
            thread.join()
        self._is_over.set()
        for thread in going_on:
            thread.join()
        assert not self.troubles, [repr(it) for it in self.troubles]
        while milestones.fold(now=timezone.now()):
            self._look()

    def _thread(self, work: Callable[..., None], *words: object) -> threading.Thread:
        def run() -> None:
            try:
                work(*words)
            except BaseException as trouble:  # noqa: BLE001 - told by the test itself
                self.troubles.append(trouble)
            finally:
                connection.close()

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    def _again(self, deed: Callable[[random.Random], object], number: int) -> None:
        """Do it until it is over; a connection that was cut is made anew, as by a new process."""
        chance = random.Random(f"{self.seed} {deed} {number}")
        while not self._is_over.wait(chance.random() / 50):
            try:
                connection.ensure_connection()
                self._backends[threading.get_ident()] = connection.connection.info.backend_pid
                deed(chance)
            except (DatabaseError, InterfaceError):
                self.cut += 1
                connection.close()

    def _write(self, number: int) -> None:
        chance = random.Random(f"{self.seed} writer {number}")
        for _ in range(self.rounds):
            lines = [self._line(chance) for _ in range(chance.randint(1, 4))]
            if self._written and chance.random() < 0.3:
                with suppress(IndexError):
                    lines.append(self._void(chance))
            Credit.objects.bulk_create(lines)
            self._written += [it for it in lines if it.amount == 1]

    def _line(self, chance: random.Random) -> Credit:
        at = NOON + timedelta(minutes=chance.randrange(-1_200, 1_200))
        link, kind = chance.choice(self.links), chance.choice(["signed_up", "signed_up", "filed"])
        more = {"state": chance.choice(STATES), "office": chance.choice(["council", ""])}
        return credit(self.drive, link, at=at, kind=kind, counts_as=kind, **more)

    def _void(self, chance: random.Random) -> Credit:
        it = self._written.pop(chance.randrange(len(self._written)))
        same = {name: getattr(it, name) for name in ("candidate_uuid", "counts_as", "at", "state")}
        return credit(self.drive, it.link, kind="voided", amount=-1, office=it.office, **same)

    def fold(self, _chance: random.Random) -> None:
        milestones.fold(now=timezone.now())
        self._look()

    def recount(self, _chance: random.Random) -> None:
        self.found += milestones.recount(now=timezone.now())

    def cut_a_line(self, chance: random.Random) -> None:
        """End a folder or a recount in the midst of what it does, as a kill -9 would."""
        own = self._backends[threading.get_ident()]
        victims = sorted(set(self._backends.values()) - {own}) or [own]
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [chance.choice(victims)])

    def damage(self, chance: random.Random) -> None:
        model = chance.choice([Tally, Total, StateTally, MinuteTally])
        for pk in model.objects.order_by("?").values_list("pk", flat=True)[:1]:
            model.objects.filter(pk=pk).update(value=F("value") + chance.choice([-3, 2]))

    def _look(self) -> None:
        """A milestone is reached once, and stays as it was stamped."""
        for it in Milestone.objects.exclude(reached_at=None):
            now = it.reached_at, it.reached_by_id, it.reached_value
            if self.reached.setdefault(it.pk, now) != now:
                self.moved.add(it.pk)


def off() -> list[str]:
    """What is not exact, by the SQL of the audit, which shares none with the fold."""
    waiting = ["uncounted"] if Credit.objects.uncounted().exists() else []
    return waiting + [it.name for it in sums.always() if not it.is_ok]
