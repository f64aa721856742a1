"""How far a broadcast is, how fast it goes, and when it will be done if that goes on."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min, TextChoices
from django.utils.translation import gettext_lazy as _

from candidates.models import Broadcast, FollowUp

RATE_OVER = timedelta(minutes=5)
# Of a handful nothing is foretold.
FEWEST = 5

State = FollowUp.State


class Standing(TextChoices):
    """Where a broadcast stands."""

    DRAFT = "draft", _("draft")
    GOING = "going", _("going out")
    PAUSED = "paused", _("paused")
    STOPPED = "stopped", _("stopped")
    DONE = "done", _("done")


@dataclass(frozen=True, slots=True)
class Progress:
    """How many mails are in which state, how many left a minute of late, and an estimate."""

    counts: dict[str, int]
    later: int = 0
    per_minute: float = 0
    done_by: datetime | None = None

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def left(self) -> int:
        return sum(self.counts.get(state, 0) for state in FollowUp.UNSENT)

    @property
    def settled(self) -> int:
        return self.total - self.left

    @property
    def percent(self) -> int:
        """Rounded down: it says 100 when nothing is left."""
        return 100 * self.settled // self.total if self.total else 0


def standing(*, broadcast: Broadcast, left: int) -> Standing:
    if broadcast.stopped_at:
        return Standing.STOPPED
    if not broadcast.released_at:
        return Standing.DRAFT
    if not left:
        return Standing.DONE
    return Standing.PAUSED if broadcast.paused_at else Standing.GOING


def progress(*, broadcast: Broadcast, now: datetime) -> Progress:
    """Count by the index of bulk steps. While it is paused nothing is foretold."""
    step = broadcast.step
    mails = FollowUp.objects.filter(step=step, lane=step.lane)
    counts = dict(mails.order_by().values_list("state").annotate(Count("pk")))
    if broadcast.paused_at or broadcast.stopped_at or not counts.get(State.DUE):
        return Progress(counts)
    later = mails.filter(state=State.DUE, due_at__gt=now).aggregate(
        number=Count("pk"), last_at=Max("due_at")
    )
    recent = mails.filter(sent_at__gt=now - RATE_OVER).aggregate(
        number=Count("pk"), first_at=Min("sent_at")
    )
    per_minute = _rate(recent["number"], recent["first_at"], now)
    done_by = _done_by(counts[State.DUE], per_minute, later["last_at"], now)
    return Progress(counts, later["number"], per_minute, done_by)


def _rate(number: int, first_at: datetime | None, now: datetime) -> float:
    """Mails a minute, since the first of late: a pause before it is no slowness."""
    if first_at is None or number < FEWEST:
        return 0
    return number / max((now - first_at) / timedelta(minutes=1), 1 / 60)


def _done_by(
    due: int, per_minute: float, last_at: datetime | None, now: datetime
) -> datetime | None:
    """Not before those who still sleep have got up; nothing is foretold while nothing leaves."""
    if not per_minute:
        return None
    return max(now + timedelta(minutes=due / per_minute), last_at or now)
