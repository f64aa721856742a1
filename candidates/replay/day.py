"""Runs the day: lets the cast come at its pace, and opens the mail meanwhile."""

import itertools
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from candidates.replay.browser import Line
from candidates.replay.cast import Actor, Person
from candidates.replay.history import History
from candidates.replay.journey import Site
from candidates.replay.mailbox import READERS, Mailbox, Reading
from candidates.replay.unsent import Unsent

Progress = Callable[[int, int], None]
TELL_SECONDS = 0.25


@dataclass
class Day:
    """A cast, where it goes, how many at a time, and how many a second (0: as fast as it goes)."""

    base_url: str
    cast: Sequence[Actor]
    codes: frozenset[str]
    outbox: Path | None
    clients: int
    rate: float
    history: History = field(default_factory=History)
    seconds: float = 0.0

    def __post_init__(self) -> None:
        people = {actor.email: actor for actor in self.cast if isinstance(actor, Person)}
        self.people = people
        self.mailbox = self._mailbox()
        self._next = itertools.count()
        self._readers: list[threading.Thread] = []

    def _mailbox(self) -> Reading:
        """Of a day that is rehearsed nothing arrives: `outbox` is None."""
        if self.outbox is None:
            return Unsent(people=self.people, history=self.history)
        return Mailbox(folder=self.outbox, people=self.people, history=self.history)

    def run(self, *, progress: Progress) -> None:
        """Return when everybody has been there. The mail goes on being read until `close`."""
        lines = [Line(base_url=self.base_url) for _ in range(READERS)]
        self._readers = [self._start(self.mailbox.read, line) for line in lines]
        self._readers.append(self._start(self.mailbox.watch))
        began = time.monotonic()
        clients = [self._start(self._be_a_client, began) for _ in range(self.clients)]
        while any(client.is_alive() for client in clients):
            progress(self.history.finished, len(self.cast))
            time.sleep(TELL_SECONDS)
        self.seconds = time.monotonic() - began
        progress(self.history.finished, len(self.cast))

    def close(self) -> None:
        """Stop reading mail, and let go of every connection."""
        self.mailbox.close()
        for thread in self._readers:
            thread.join()

    def still_to_confirm(self) -> int:
        """Return how many of those who want to confirm have not got their mail yet."""
        accepted = self.history.accepted.values()
        wanting = {person.email for person in accepted if person.will_confirm}
        return len(wanting - self.history.confirmed)

    def _start(self, work: Callable[..., None], *words: object) -> threading.Thread:
        thread = threading.Thread(target=work, args=words, daemon=True)
        thread.start()
        return thread

    def _be_a_client(self, began: float) -> None:
        line = Line(base_url=self.base_url)
        site = Site(self.base_url, self.history, self.codes)
        while (place := next(self._next)) < len(self.cast):
            self._wait_for_turn(place, began)
            site.come(self.cast[place], line)
        line.close()

    def _wait_for_turn(self, place: int, began: float) -> None:
        """People come at the rate; machines come between them."""
        if self.rate:
            share = len(self.people) / len(self.cast)
            time.sleep(max(0.0, began + place * share / self.rate - time.monotonic()))
