"""The public log of corrections: what was done to the count, why, and to how many people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet, Sum

from partners.models import Correction
from recruit.memory import Kept

KEPT_SECONDS = 5.0
SHOWN = 100
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
forget = _kept.forget


def newest() -> Log:
    """Return the first page; one process reads it once in KEPT_SECONDS."""
    return _kept.get(lambda: read(before=None))


def read(*, before: int | None) -> Log:
    """Return the acts before this one: two queries, which read no more than a page of them.

    What was recomputed was written in parts, which are one act. It stands where its newest part
    does, so what colleagues did between two of its parts is neither lost nor told twice.
    """
    rows = Correction.objects.filter(id__lt=before) if before else Correction.objects.all()
    newest_parts = rows.exclude(Exists(_later_parts())).order_by("-id")
    found = list(newest_parts.values_list("id", *PARTS_SHARE)[: SHOWN + 1])
    moments = {recorded_at for _id, recorded_at, *_rest in found}
    parts = Correction.objects.filter(recorded_at__in=moments).values_list(*PARTS_SHARE)
    summed = parts.annotate(Sum("people"), Sum("change"), name=F("drive__name"))
    of_act = {tuple(row[:-3]): row[-3:] for row in summed}
    acts = tuple(_act(key, share, of_act[tuple(share)]) for key, *share in found[:SHOWN])
    return Log(acts, acts[-1].id if len(found) > SHOWN else None)


def _later_parts() -> QuerySet[Correction]:
    shared = {name: OuterRef(name) for name in PARTS_SHARE}
    return Correction.objects.filter(id__gt=OuterRef("id"), **shared)


def _act(key: int, share: Sequence[Any], summed: Sequence[Any]) -> Act:
    at, _drive_id, deed, cause = share
    people, change, name = summed
    return Act(key, name, at, deed, cause, people, change)
