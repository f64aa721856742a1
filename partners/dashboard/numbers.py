"""The numbers of a dashboard, and the few sums among them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import add, sub
from zoneinfo import ZoneInfo

from partners.breakdowns import Breakdown
from partners.dashboard.corrected import Corrected
from partners.dashboard.pace import Pace
from partners.ranking import Ranking


@dataclass(frozen=True, slots=True)
class Counts:
    """People who came, and how far they went: the steps of the funnel, in order."""

    visits: int = 0
    sign_ups: int = 0
    confirmed: int = 0
    calls: int = 0
    screened: int = 0
    filed: int = 0
    endorsed: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*map(add, self.steps, other.steps))

    def __sub__(self, other: "Counts") -> "Counts":
        return Counts(*map(sub, self.steps, other.steps))

    @property
    def steps(self) -> tuple[int, ...]:
        """The numbers alone, in the order of the funnel."""
        return (
            self.visits,
            self.sign_ups,
            self.confirmed,
            self.calls,
            self.screened,
            self.filed,
            self.endorsed,
        )


@dataclass(frozen=True, slots=True)
class Period:
    """An hour or a day in the drive's zone, and what was counted in it."""

    at: datetime
    ends_at: datetime
    counts: Counts
    is_now: bool
    is_ahead: bool


@dataclass(frozen=True, slots=True)
class Figure:
    """One number to look at first: in all, today, and today against yesterday at the same time."""

    total: int
    today: int
    change: int | None
    by_day: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Goal:
    """The partner's own target: the lowest that is still ahead, else the highest."""

    target: int
    value: int
    reached_at: datetime | None

    @property
    def percent(self) -> int:
        return max(0, min(100, self.value * 100 // self.target)) if self.target else 100

    @property
    def to_go(self) -> int:
        return max(0, self.target - self.value)


@dataclass(frozen=True, slots=True)
class LinkRow:
    """One link and what came through it."""

    code: str
    label: str
    channel: str
    address: str
    is_on: bool
    counts: Counts
    today: Counts
    last_arrival_at: datetime | None


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """Where people were reached, and what came of it: the links of one channel together."""

    name: str
    links: int
    counts: Counts


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Everything the page shows, as of one moment.

    `compared_at` is the last full hour today: up to there today is compared with yesterday.
    `is_by_confirmed`: goal, pace and ranking count who confirmed, not who signed up.
    """

    drive_name: str
    zone: ZoneInfo
    is_the_day: bool
    as_of: datetime
    is_late: bool
    compared_at: datetime | None
    visits: Figure
    sign_ups: Figure
    confirmed: Figure
    goal: Goal | None
    running: tuple[int, ...]
    hours: tuple[Period, ...]
    days: tuple[Period, ...]
    links: tuple[LinkRow, ...]
    total: Counts
    channels: tuple[ChannelRow, ...]
    breakdown: Breakdown
    pace: Pace | None
    ranking: Ranking | None
    corrected: tuple[Corrected, ...]
    is_by_confirmed: bool

    @property
    def goal_today(self) -> int:
        """How far today has brought the goal nearer; `running` is what it is measured by."""
        return self.running[-1] - (self.running[-2] if len(self.running) > 1 else 0)

    @property
    def today(self) -> Counts:
        return self.days[-1].counts

    @property
    def place(self) -> str:
        """Name the place whose clock counts, as in America/New_York."""
        return self.zone.key.rpartition("/")[2].replace("_", " ")

    @property
    def is_odd_day(self) -> bool:
        """Whether the clocks change today, so that an hour is missing or comes twice."""
        return len(self.hours) != 24

    @property
    def best_hour(self) -> Period | None:
        return best(self.hours)

    @property
    def best_day(self) -> Period | None:
        return best(self.days)

    @property
    def newest_link(self) -> LinkRow | None:
        return next((link for link in self.links if link.is_on), None)


def best(periods: Sequence[Period]) -> Period | None:
    """Return the first period with the most sign-ups; none where nobody signed up."""
    top = max(periods, key=lambda it: it.counts.sign_ups, default=None)
    return top if top and top.counts.sign_ups > 0 else None
