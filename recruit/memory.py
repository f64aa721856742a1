"""What a process keeps in memory for a moment, and for as long as PostgreSQL is away."""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from recruit.away import AWAY

logger = logging.getLogger(__name__)

T = TypeVar("T")
Source = TypeVar("Source")

# One for nearly all that is kept: a frozen PostgreSQL then holds up one thread of a process, no
# more. The same thread may come again, since what is kept is read from what else is kept.
_renewing = threading.RLock()


# For this long who comes to a value of long ago waits for whoever reads it anew: a process that
# nobody had asked for a while must not go by the drive of then.
PATIENCE_SECONDS = 0.25


class Kept(Generic[T]):
    """A value that is read again when it is older than some seconds.

    One thread reads it, while the others go on with what they have, unless that is older than
    twice these seconds. Whoever comes when nothing is there yet reads it on their own, and is told
    when PostgreSQL is away. With `apart` it waits for no other value and none waits for it: what
    asks more than PostgreSQL may be slow, and the public's numbers must not be late for it.
    """

    def __init__(self, *, seconds: float, apart: bool = False) -> None:
        self.seconds = seconds
        self._renewing = threading.RLock() if apart else _renewing
        self.forget()

    def forget(self) -> None:
        """Forget the value: the next one to ask gets it from the database, or nothing."""
        self._values: list[T] = []
        self._is_away = False
        self.expire()

    def expire(self) -> None:
        """Have the value read again by the next one to ask; it stays if that can't be done."""
        self._due_at = float("-inf")

    def get(self, read: Callable[[], T]) -> T:
        values = self._values
        if not values:
            return self._read(read)
        late = time.monotonic() - self._due_at
        is_old = late > self.seconds and not self._is_away
        if late < 0 or not self._renewing.acquire(timeout=PATIENCE_SECONDS if is_old else 0):
            return values[0]
        try:
            if time.monotonic() < self._due_at:
                return self._values[0]  # read by whom we waited for
            return self._read(read)
        except AWAY as away:
            self._is_away = True
            self._due_at = time.monotonic() + self.seconds
            logger.warning("served from memory: PostgreSQL is away (%s)", type(away).__name__)
            return values[0]
        finally:
            self._renewing.release()

    def _read(self, read: Callable[[], T]) -> T:
        value = read()
        self._values, self._due_at = [value], time.monotonic() + self.seconds
        self._is_away = False
        return value


class Made(Generic[Source, T]):
    """What was made of a source, under a key: good for as long as it is the very same source.

    So a page is rendered once for each reading of its numbers, whatever the number of askers.
    Only `most` are kept; what was not asked for longest goes first.
    """

    def __init__(self, *, most: int) -> None:
        self.most = most
        self.forget()

    def forget(self) -> None:
        self._made: OrderedDict[Hashable, tuple[Source, T]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, source: Source, make: Callable[[], T]) -> T:
        with self._lock:
            known = self._made.get(key)
            if known and known[0] is source:
                self._made.move_to_end(key)
                return known[1]
        made = make()
        with self._lock:
            self._made[key] = (source, made)
            self._made.move_to_end(key)
            if len(self._made) > self.most:
                self._made.popitem(last=False)
        return made
