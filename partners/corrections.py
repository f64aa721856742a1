"""The public log of corrections: what was done to the count, why, and to how many people."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db.models import F, Max, Sum

from partners.models import Correction, Drive, User
from recruit.memory import Kept

KEPT_SECONDS = 5.0
OLDER_KEPT_SECONDS = 60.0
# A page shows so many acts at least, and begins and ends at multiples of this: wherever somebody
# asks to begin, there are no more pages than the log fills.
SHOWN = 100
AT_ONCE = 500
# What the parts of one act have in common.
PARTS_SHARE = ("recorded_at", "drive_id", "deed", "cause")

Deed = Correction.Deed


@dataclass(frozen=True, slots=True)
class Act:
    """What one colleague, or one rule, did in one moment to the ledger of one drive."""

    id: int
    drive: str
    at: datetime
    deed: str
    cause: str
    people: int
    change: int
    baseline: int | None
    source: str | None

    @property
    def baseline_before(self) -> int:
        return (self.baseline or 0) - self.change

    @property
    def fell(self) -> int:
        return -self.change

    @property
    def why(self) -> str:
        return str(Correction.Cause(self.cause).label)


@dataclass(frozen=True, slots=True)
class Log:
    """The newest acts first; `older_than` is where the next page begins, if there is one."""

    acts: tuple[Act, ...]
    older_than: int | None


_kept: Kept[Log] = Kept(seconds=KEPT_SECONDS)
_kept_longer: Kept[Log] = Kept(seconds=OLDER_KEPT_SECONDS)


def forget() -> None:
    _kept.forget()
    _kept_longer.forget()


def newest() -> Log:
    """Return the first page; one process reads it once in KEPT_SECONDS."""
    return _kept.get(lambda: read(before=None))


def reading() -> Log:
    """Return a newest page of not long ago: as long as it is the same, so are all older ones.

    Little happens to them: an act that is still being recomputed leaves them, and a drive may be
    renamed.
    """
    return _kept_longer.get(newest)


def border(*, near: int) -> int | None:
    """Return where the page begins that has what came before this; None: it is the newest."""
    place = -(-near // SHOWN) * SHOWN
    acts = newest().acts
    return place if acts and place <= acts[0].id else None


def read(*, before: int | None) -> Log:
    """Return the acts before this one, in two queries for each AT_ONCE parts that they have.

    What was recomputed was written in parts, which are one act. It stands where its newest part
    does, so what colleagues did between two of its parts is neither lost nor told twice.
    """
    shown: list[Act] = []
    for place, acts in groupby(_acts(before), key=lambda act: act.id // SHOWN):
        if len(shown) >= SHOWN:
            return Log(tuple(shown), (place + 1) * SHOWN)
        shown += acts
    return Log(tuple(shown), None)


def _acts(before: int | None) -> Iterator[Act]:
    """Walk back over the parts, and tell each act at its newest one."""
    rows = Correction.objects.order_by("-id").values_list("id", *PARTS_SHARE)
    while parts := list((rows if before is None else rows.filter(id__lt=before))[:AT_ONCE]):
        of_act = _summed({recorded_at for _id, recorded_at, *_rest in parts})
        for key, *share in parts:
            newest, *sums = of_act[tuple(share)]
            if key == newest:
                yield _act(key, share, sums)
        before = parts[-1][0]


def _summed(moments: Collection[datetime]) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Return of each act of these moments its newest part, its sums and the name of its drive."""
    parts = Correction.objects.filter(recorded_at__in=moments).values_list(*PARTS_SHARE)
    rows = parts.annotate(
        Max("id"),
        Sum("people"),
        Sum("change"),
        Max("baseline"),
        Max("source"),
        name=F("drive__name"),
    )
    shared = len(PARTS_SHARE)
    return {tuple(row[:shared]): tuple(row[shared:]) for row in rows}


def _act(key: int, share: Sequence[Any], summed: Sequence[Any]) -> Act:
    at, _drive_id, deed, cause = share
    people, change, baseline, source, name = summed
    return Act(key, name, at, deed, cause, people, change, baseline, source)


def tell_baseline(*, drive: Drive, author: User, now: datetime) -> None:
    """Write down that this drive will say another number from before, if it has opened."""
    was = Drive.objects.select_for_update().get(pk=drive.pk)
    if was.opens_at <= now and was.baseline != drive.baseline:
        Correction.objects.create(
            drive=drive,
            recorded_at=now,
            deed=Deed.REBASED,
            cause=Correction.Cause.BASELINE,
            people=0,
            change=drive.baseline - was.baseline,
            baseline=drive.baseline,
            source=drive.baseline_source,
            author=author,
        )
