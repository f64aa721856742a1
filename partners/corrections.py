"""The public log of corrections: what was done to the count, why, and to how many people."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Sum

from partners.models import Correction
from recruit.memory import Kept

KEPT_SECONDS = 5.0
SHOWN = 100

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
    """Return the acts before this one: one query, by an index.

    What was recomputed was written in parts, which are one act.
    """
    rows = Correction.objects.filter(id__lt=before) if before else Correction.objects.all()
    parts = rows.values_list("drive__name", "recorded_at", "deed", "cause")
    acts = parts.annotate(newest=Max("id")).annotate(Sum("people"), Sum("change"))
    found = [
        Act(key, drive, at, deed, cause, people, change)
        for drive, at, deed, cause, key, people, change in acts.order_by("-newest")[: SHOWN + 1]
    ]
    shown = tuple(found[:SHOWN])
    return Log(shown, _first_part(shown[-1]) if len(found) > SHOWN else None)


def _first_part(act: Act) -> int:
    parts = Correction.objects.filter(recorded_at=act.at, deed=act.deed, cause=act.cause)
    return parts.order_by("id").values_list("id", flat=True)[0]
