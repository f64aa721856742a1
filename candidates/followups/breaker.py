"""Keeps this process from knocking on a mail server that is out of order."""

from datetime import datetime, timedelta

PAUSE = timedelta(seconds=15)
# In a row: a single letter that always makes the server hang up, or that it refuses, stops nobody.
MOST_HANG_UPS, MOST_REFUSALS = 3, 5


class Breaker:
    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self.rests_until: datetime | None = None
        self.hang_ups = 0
        self.refusals = 0

    def is_resting(self, now: datetime) -> bool:
        return self.rests_until is not None and now < self.rests_until

    def rest(self, now: datetime) -> None:
        self.rests_until = now + PAUSE

    def note_accepted(self) -> None:
        self.hang_ups = self.refusals = 0

    def note_answered(self) -> None:
        self.hang_ups = 0

    def note_hang_up(self, now: datetime) -> None:
        self.hang_ups += 1
        if self.hang_ups >= MOST_HANG_UPS:
            self.rest(now)

    def note_refusal(self, now: datetime) -> bool:
        """Return whether the server seems to refuse everybody, until it accepts something."""
        self.hang_ups = 0
        self.refusals += 1
        if self.refusals >= MOST_REFUSALS:
            self.rest(now)
        return self.refusals >= MOST_REFUSALS
