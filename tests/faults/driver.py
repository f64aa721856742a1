"""People who sign up over HTTP at their pace, and remember what they were told."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from candidates.audit.check import rows
from candidates.replay.cast import Person, Recipe
from candidates.replay.day import Day
from candidates.replay.history import History
from recruit.local import processes
from tests.faults.world import World

CLIENTS = 8


class Crowd:
    """So many come, so many a second; nobody opens the mail."""

    def __init__(self, world: World, number: int, rate: float) -> None:
        codes = [code for (code,) in rows("SELECT code FROM partners_referrallink ORDER BY code")]
        self.number = number
        self.cast = Recipe(people=number, run=1, codes=codes, confirming=0).cast()
        self.day = Day(
            base_url=world.base_url,
            cast=self.cast,
            codes=frozenset(codes),
            outbox=world.place.outbox,
            clients=CLIENTS,
            rate=rate,
        )
        self._thread = threading.Thread(
            target=self.day.run, kwargs={"progress": lambda *_: None}, daemon=True
        )

    @property
    def history(self) -> History:
        return self.day.history

    @contextmanager
    def coming(self) -> Iterator[None]:
        """While the faults inside happen; over when everybody has been there."""
        self._thread.start()
        try:
            yield
            self._thread.join()
        finally:
            self.day.close()

    def is_coming(self) -> bool:
        return self._thread.is_alive()

    def wait_for(self, more: int) -> None:
        """Until so many more were accepted, or everybody has been there."""
        wanted = self.history.outcomes["accepted"] + more
        processes.wait_until(
            lambda: self.history.outcomes["accepted"] >= wanted or not self.is_coming(),
            seconds=60,
            pause=0.01,
        )

    def somebody(self) -> dict[str, str]:
        """What one of them types."""
        return next(it.answers for it in self.cast if isinstance(it, Person))
