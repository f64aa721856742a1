"""What the public remembers of the day: each attempt and its outcome, nothing from our database."""

import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from candidates.replay.browser import Answer
from candidates.replay.cast import Person


@dataclass
class History:
    """The client's own record, written by many threads; the audit holds the site to it."""

    accepted: dict[str, Person] = field(default_factory=dict)
    gave_up: set[str] = field(default_factory=set)
    came_again: set[str] = field(default_factory=set)
    confirmed: set[str] = field(default_factory=set)
    scanned: set[str] = field(default_factory=set)
    spam: set[str] = field(default_factory=set)
    outcomes: Counter[str] = field(default_factory=Counter)
    visits: Counter[str] = field(default_factory=Counter)
    visitors: set[tuple[str, str]] = field(default_factory=set)
    seconds: list[float] = field(default_factory=list)
    surprises: list[str] = field(default_factory=list)
    finished: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def took(self, person: Person, answer: Answer) -> None:
        """The 302 is the promise: from here on this person must be in the database."""
        with self._lock:
            if person.email in self.accepted:
                self.came_again.add(person.email)
            self.accepted.setdefault(person.email, person)
            self.gave_up.discard(person.email)
            self.outcomes["accepted"] += 1
            self.seconds.append(answer.seconds)

    def pressed_again(self, person: Person, answer: Answer) -> None:
        """An attempt whose outcome nobody knows may have been taken: the next one is a repeat."""
        with self._lock:
            self.came_again.add(person.email)
            self.outcomes["said 503" if answer.status else "connection broke"] += 1

    def lost(self, person: Person) -> None:
        with self._lock:
            self.gave_up.add(person.email)

    def refused(self, reason: str) -> None:
        with self._lock:
            self.outcomes[f"refused: {reason}"] += 1

    def turned_away(self, email: str) -> None:
        with self._lock:
            self.spam.add(email)
            self.outcomes["refused: hidden field"] += 1

    def visited(self, code: str, browser: str, *, is_known: bool, is_human: bool) -> None:
        with self._lock:
            kind = "raw" if is_human else "bots"
            if is_known:
                self.visits[kind] += 1
                if is_human:
                    self.visitors.add((code.lower().replace("_", "-"), browser))

    def opened(self, email: str, *, by_scanner: bool) -> None:
        with self._lock:
            if by_scanner:
                self.scanned.add(email)
            else:
                self.confirmed.add(email)

    def surprised(self, what: str) -> None:
        """Something no visitor should ever meet."""
        with self._lock:
            self.surprises.append(what)

    def finish(self) -> None:
        with self._lock:
            self.finished += 1

    @property
    def repeats(self) -> int:
        return self.outcomes["accepted"] - len(self.accepted)

    def percentile(self, share: float) -> float:
        return percentile(self.seconds, share)


def percentile(seconds: Iterable[float], share: float) -> float:
    """Return the time within which this share of the attempts was answered, in milliseconds."""
    ordered = sorted(seconds)
    return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
