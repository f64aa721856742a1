"""What is wrong with mail now, if anything is: four queries, each answered by an index."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from candidates import pauses
from candidates.models import FollowUp, Lane, MailPause
from partners.models import MailRoute

# The sweep comes every few seconds: what is due for longer than this waits for something.
LATE_AFTER = timedelta(minutes=5)
MOST_ROUTES = 20


@dataclass(frozen=True, slots=True)
class LaneStanding:
    """One lane: whether it is paused, and what waits in it longest."""

    lane: Lane
    pause: MailPause | None
    oldest_due_at: datetime | None
    is_late: bool

    @property
    def is_restored(self) -> bool:
        """Whether the database is older than what was sent: someone must look before it goes on."""
        return self.pause is not None and self.pause.reason == MailPause.Reason.RESTORED


@dataclass(frozen=True, slots=True)
class Standing:
    lanes: tuple[LaneStanding, ...]
    resting: tuple[MailRoute, ...]

    @property
    def is_fine(self) -> bool:
        return not self.resting and not any(it.pause or it.is_late for it in self.lanes)


def standing(*, now: datetime) -> Standing:
    paused = pauses.paused()
    lanes = tuple(_lane(lane, paused.get(lane), now) for lane in Lane)
    resting = MailRoute.objects.filter(rests_until__gt=now).order_by("-rests_until", "key")
    return Standing(lanes, tuple(resting[:MOST_ROUTES]))


def _lane(lane: Lane, pause: MailPause | None, now: datetime) -> LaneStanding:
    due = FollowUp.objects.due(lane=lane, at=now).order_by("due_at")
    oldest = due.values_list("due_at", flat=True).first()
    return LaneStanding(lane, pause, oldest, is_late=bool(oldest and now - oldest > LATE_AFTER))
