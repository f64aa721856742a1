"""The numbers that anyone may see: today's count, the count in all, and the milestones."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Sum
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from partners import drives, local_days, maps, minutes, recent, states
from partners.models import Drive, Milestone, Tally
from partners.recent import Latest
from partners.states import State
from recruit.memory import Kept

KEPT_SECONDS = 1.0
# Of ten thousand partners a day has 90,000 tallies: who leads is read less often than how many.
LEADERS_KEPT_SECONDS = 5.0
MOST_PARTNERS = 12

Leaders = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Reached:
    """A target and, once it was reached, when."""

    scope: str
    target: int
    reached_at: datetime | None


@dataclass(frozen=True, slots=True)
class Place:
    """What a state brought on the day and in this drive, as maps.told tells it."""

    state: str
    today: int | None
    in_all: int


@dataclass(frozen=True, slots=True)
class Totals:
    """What the home page, the live page and totals.json show of the current drive."""

    drive_slug: str
    drive_name: str
    day_on: date
    last_day_on: date | None
    zone: ZoneInfo
    phase: str
    today: int
    cumulative: int
    baseline: int
    as_of: datetime
    milestones: tuple[Reached, ...] = ()
    minutes: tuple[tuple[datetime, int], ...] = ()
    partners: tuple[tuple[str, int], ...] = ()
    latest: Latest | None = None
    states: tuple[Place, ...] = ()

    @property
    def day_goal(self) -> int | None:
        return self._goal(Milestone.Scope.DAY)

    @property
    def cumulative_goal(self) -> int | None:
        return self._goal(Milestone.Scope.CUMULATIVE)

    @property
    def day_percent(self) -> int:
        return _percent(self.today, self.day_goal)

    @property
    def cumulative_percent(self) -> int:
        return _percent(self.cumulative, self.cumulative_goal)

    @property
    def day_name(self) -> str:
        """Say in the reader's language whose hands `today` counts: of one day or of several."""
        names = {"day": _day(self.day_on), "last": _day(self.last_day_on or self.day_on)}
        if not self.last_day_on:
            is_today = self.phase == "today"
            return _("Hands raised today") if is_today else _("Hands raised on %(day)s") % names
        if self.phase == "after":
            return _("Hands raised from %(day)s to %(last)s") % names
        return _("Hands raised since %(day)s") % names

    @property
    def is_before(self) -> bool:
        return self.phase == "before"

    @property
    def headline(self) -> int:
        """The one number where there is room for one: of the day, or before it of all so far."""
        return self.cumulative if self.is_before else self.today

    @property
    def headline_name(self) -> str:
        return _("Hands raised so far") if self.is_before else self.day_name

    @property
    def headline_goal(self) -> int | None:
        return self.cumulative_goal if self.is_before else self.day_goal

    @property
    def headline_percent(self) -> int:
        return _percent(self.headline, self.headline_goal)

    @property
    def headline_earlier(self) -> int:
        """What of it had been counted before this drive."""
        return self.baseline if self.is_before else 0

    def _goal(self, scope: str) -> int | None:
        """Return the highest target: the lower ones are ticks on the way to it."""
        return max((it.target for it in self.milestones if it.scope == scope), default=None)


def _day(day: date) -> str:
    return date_format(day, "MONTH_DAY_FORMAT")


def _percent(count: int, goal: int | None) -> int:
    return min(100, count * 100 // goal) if goal else 0


_kept: Kept[Totals] = Kept(seconds=KEPT_SECONDS)
_others: dict[int, Kept[Totals]] = {}
_leaders: dict[int, Kept[Leaders]] = {}


def forget() -> None:
    _kept.forget()
    _others.clear()
    _leaders.clear()


def public(*, now: datetime) -> Totals:
    """Return the totals of the current drive; one process reads them once in KEPT_SECONDS.

    While PostgreSQL is away they stay as they were, and `as_of` says since when.
    """
    return _kept.get(lambda: read(drive=drives.current(now=now), now=now))


def of(*, drive: Drive, now: datetime) -> Totals:
    """Return the totals of any drive, kept in the same way."""
    if drive.id == drives.current(now=now).id:
        return public(now=now)
    kept = _others.setdefault(drive.id, Kept(seconds=KEPT_SECONDS))
    return kept.get(lambda: read(drive=drive, now=now))


def read(*, drive: Drive, now: datetime) -> Totals:
    """Read a drive's totals: five queries, whatever the number of candidates and partners.

    The partners that lead may be LEADERS_KEPT_SECONDS old.
    """
    begins, ends = local_days.runs(drive=drive)
    by_state = states.by_state(drive=drive)
    leaders = _leaders.setdefault(drive.id, Kept(seconds=LEADERS_KEPT_SECONDS))
    return Totals(
        drive_slug=drive.slug,
        drive_name=drive.name,
        day_on=drive.day_on,
        last_day_on=drive.last_day_on if drive.last_day_on != drive.day_on else None,
        zone=drive.zone,
        phase="before" if now < begins else "today" if now < ends else "after",
        today=sum(it.on_the_day for it in by_state),
        cumulative=drive.baseline + sum(it.in_all for it in by_state),
        baseline=drive.baseline,
        as_of=now,
        milestones=_milestones(drive),
        minutes=minutes.of_the_last_hour(drive=drive, now=now),
        partners=leaders.get(lambda: _lead(drive)),
        latest=recent.latest(drive=drive),
        states=tuple(_places(by_state)),
    )


def _lead(drive: Drive) -> Leaders:
    """Return the partners with the most of the day, and what each brought."""
    begin, end = drive.span
    of_day = Tally.objects.filter(
        drive=drive, kind=drive.counts, hour_at__gte=begin, hour_at__lt=end
    )
    brought = of_day.exclude(partner=None).values_list("partner__name").annotate(sum=Sum("value"))
    some = brought.filter(sum__gt=0)
    return tuple(some.order_by("-sum", "partner__name")[:MOST_PARTNERS])


def _places(by_state: Iterable[State]) -> Iterator[Place]:
    for it in by_state:
        if it.name and (in_all := maps.told(it.in_all)):
            yield Place(it.name, maps.told(it.on_the_day), in_all)


def _milestones(drive: Drive) -> tuple[Reached, ...]:
    rows = drive.milestones.filter(partner=None).order_by("scope", "target")
    return tuple(Reached(it.scope, it.target, it.reached_at) for it in rows)
