"""The whole board as of one moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from candidates.mail_board import hours, today
from candidates.mail_board.hours import Hour
from candidates.mail_board.standing import Standing, standing
from candidates.mail_board.today import Sent


@dataclass(frozen=True, slots=True)
class Board:
    """`hours` are the last 24, this one last; `earlier` is what is still owed from before them."""

    as_of: datetime
    standing: Standing
    earlier: Hour
    hours: Sequence[Hour]
    sequences: Sequence[Sent]

    @property
    def due(self) -> int:
        """How many are owed by now, whichever hour they are from."""
        return sum(it.due + it.sending for it in (self.earlier, *self.hours))

    @property
    def sent(self) -> int:
        return sum(it.sent for it in self.hours)

    @property
    def failed(self) -> int:
        return sum(it.failed for it in self.hours)

    @property
    def suppressed(self) -> int:
        return sum(it.suppressed for it in self.hours)

    @property
    def best_hour(self) -> Hour | None:
        top = max(self.hours, key=lambda it: it.sent)
        return top if top.sent else None


def look(*, now: datetime, zone: tzinfo) -> Board:
    """Read the board: eleven queries. Hours and today are those of this zone."""
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    earlier, *each = hours.by_hour(now=now)
    return Board(now, standing(now=now), earlier, each, today.by_sequence(midnight=midnight))
