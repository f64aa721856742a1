"""Every drive that is on or over: what it ended with, what was announced, and what holds now."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from django.db import connection
from django.db.models import F, Prefetch, QuerySet, Sum
from django.db.models.functions import Coalesce

from partners import local_days, totals
from partners.models import Credit, Drive, Milestone, StateTally, Tally
from partners.totals import Totals
from recruit import utc
from recruit.memory import Kept

KEPT_SECONDS = 5.0
MOST_DRIVES = 50
MOST_HOURS = 49

DRIVES = """
unnest(%s::bigint[], %s::varchar[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[])
    AS drive (id, kind, begins, ends, over_at)
"""
# A partial index holds the corrections alone, so this costs as much as there are of them.
CORRECTED = f"""
SELECT drive.id,
    count(*) FILTER (WHERE line.kind = 'voided' AND amount < 0)::int,
    count(*) FILTER (WHERE line.kind = 'voided' AND amount > 0)::int,
    count(*) FILTER (WHERE line.kind = 'reassigned' AND amount < 0)::int,
    COALESCE(sum(amount) FILTER (
        WHERE recorded_at >= over_at AND moment >= begins AND moment < ends), 0)::int
FROM {DRIVES} JOIN {
    local_days.placed(
        "(SELECT * FROM partners_credit WHERE kind IN ('voided', 'reassigned')"
        f" AND counted_at IS NOT NULL AND reason NOT IN {Credit.NEVER_COUNTED})"
    )
} AS line ON line.drive_id = drive.id AND line.counts_as = drive.kind
GROUP BY 1
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Corrections:
    """How often a line was taken back, given back or moved; `late`: by how much since the end."""

    taken_back: int = 0
    given_back: int = 0
    moved: int = 0
    late: int = 0

    def __bool__(self) -> bool:
        return bool(self.taken_back or self.given_back or self.moved)


@dataclass(frozen=True, slots=True)
class Record:
    """A drive in the archive. `settled` is what the ledger says now, all corrections in it."""

    drive: Drive
    is_over: bool
    settled: int
    corrections: Corrections
    milestones: tuple[Milestone, ...]

    @property
    def final(self) -> int:
        """What stood when the day ended: what was corrected after it is left out."""
        return self.settled - self.corrections.late

    @property
    def announced(self) -> int | None:
        """What was said when the highest target of the day was passed; None: none was."""
        of_day = (it for it in self.milestones if it.scope == Milestone.Scope.DAY)
        return max((it.reached_value for it in of_day if it.reached_value), default=None)

    @property
    def goal(self) -> int | None:
        of_day = (it.target for it in self.milestones if it.scope == Milestone.Scope.DAY)
        return max(of_day, default=None)


@dataclass(frozen=True, slots=True)
class Detail:
    """A drive's own page: its record, its totals, and its day by the hour or by the day."""

    record: Record
    totals: Totals
    steps: tuple[tuple[datetime, int], ...]

    @property
    def is_by_hour(self) -> bool:
        begin, end = self.record.drive.span
        return end - begin < MOST_HOURS * utc.HOUR


_pages: dict[int, Kept[dict[str, Record]]] = {}
_places: Kept[dict[str, int]] = Kept(seconds=KEPT_SECONDS)
_details: dict[str, Kept[Detail]] = {}


def forget() -> None:
    _pages.clear()
    _places.forget()
    _details.clear()


def records(*, now: datetime, page: int = 1) -> dict[str, Record]:
    """Return the drives of a page by their short names, newest first; read once in KEPT_SECONDS."""
    kept = _pages.setdefault(page, Kept(seconds=KEPT_SECONDS))
    return kept.get(lambda: {it.drive.slug: it for it in _read(now, page)})


def pages(*, now: datetime) -> int:
    """Return how many pages there are: one at least."""
    return max(places(now=now).values(), default=1)


def places(*, now: datetime) -> dict[str, int]:
    """Return on which page each drive stands that has opened."""

    def read() -> dict[str, int]:
        slugs = _begun(now).values_list("slug", flat=True)
        return {slug: 1 + number // MOST_DRIVES for number, slug in enumerate(slugs)}

    return _places.get(read)


def detail(*, slug: str, now: datetime) -> Detail | None:
    """Return what a drive's page shows; None for a drive that is not there: without a query."""
    page = places(now=now).get(slug)
    record = records(now=now, page=page).get(slug) if page else None
    if not record:
        return None
    kept = _details.setdefault(slug, Kept(seconds=totals.KEPT_SECONDS))
    return kept.get(lambda: _detail(record, now))


def _detail(record: Record, now: datetime) -> Detail:
    told = totals.of(drive=record.drive, now=now)
    return Detail(record, told, tuple(_steps(record.drive)))


def _begun(now: datetime) -> QuerySet[Drive]:
    return Drive.objects.filter(opens_at__lte=now).order_by("-day_on", "-opens_at", "-id")


def _read(now: datetime, page: int) -> Iterator[Record]:
    """Four queries, however many drives there are on a page.

    A drive that set itself no target and had nobody on its day is no drive to look back on: the
    one that is always open has a day only because every drive has.
    """
    of_all = Prefetch("milestones", Milestone.objects.filter(partner=None))
    begins, ends = (page - 1) * MOST_DRIVES, page * MOST_DRIVES
    drives = list(_begun(now).prefetch_related(of_all)[begins:ends])
    spans = [_span(it) for it in drives]
    on_the_day = _on_the_day(drives)
    corrections = {it: Corrections(*counts) for it, *counts in _ask(CORRECTED, spans)}
    for drive, span in zip(drives, spans, strict=True):
        own = sorted(
            drive.milestones.all(), key=lambda it: (it.scope != Milestone.Scope.DAY, it.target)
        )
        if own or on_the_day.get(drive.id):
            yield Record(
                drive=drive,
                is_over=now >= span[-1],
                settled=on_the_day.get(drive.id, 0),
                corrections=corrections.get(drive.id, Corrections()),
                milestones=tuple(own),
            )


def _on_the_day(drives: list[Drive]) -> dict[int, int]:
    """Add up the states: of ten thousand partners that is far less than the hours of each link."""
    of_day = StateTally.objects.filter(
        drive__in=drives,
        kind=F("drive__counts"),
        day_on__gte=F("drive__day_on"),
        day_on__lte=Coalesce("drive__last_day_on", "drive__day_on"),
    )
    return dict(of_day.values_list("drive").annotate(Sum("value")))


def _span(drive: Drive) -> tuple[int, str, datetime, datetime, datetime]:
    return drive.id, drive.counts, *drive.span, local_days.runs(drive=drive)[1]


def _ask(query: str, spans: Sequence[tuple[object, ...]]) -> list[tuple[int, ...]]:
    if not spans:
        return []
    with connection.cursor() as cursor:
        cursor.execute(query, [list(column) for column in zip(*spans, strict=True)])
        return list(cursor.fetchall())


def _steps(drive: Drive) -> Iterator[tuple[datetime, int]]:
    """Add up the hours of a day, or the days of many; what is still to come is a zero."""
    begin, end = drive.span
    tallies = Tally.objects.filter(drive=drive, kind=drive.counts)
    by_hour = dict(
        tallies.filter(hour_at__gte=begin, hour_at__lt=end)
        .values_list("hour_at")
        .annotate(Sum("value"))
    )
    for start, stop in pairwise(_marks(drive)):
        yield start, sum(by_hour.get(at, 0) for at in utc.hours(start, stop))


def _marks(drive: Drive) -> list[datetime]:
    begin, end = drive.span
    if end - begin < MOST_HOURS * utc.HOUR:
        return [*utc.hours(begin, end), end]
    days = (drive.next_day_on - drive.day_on).days
    return [drive.span_of(drive.day_on + timedelta(days=day))[0] for day in range(days + 1)]
