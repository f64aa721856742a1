"""Where a partner stands among those that want to be compared: a place, and no names.

A place and the distance to the next one tell the number of a neighbour to whoever knows their own
number, and rounding would only hide that: one more sign-up that changes the place tells it again.
So the page on which a partner joins says it, and there is no place among fewer than FEWEST.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import FilteredRelation, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from partners.models import Drive, Partner
from recruit.memory import Kept

FEWEST = 3
KEPT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Place:
    """`level_with`: how many others share it; `to_next` more reach `next_place`, none from the top.

    Reaching it is to draw level, so the place is shared then.
    """

    place: int
    of: int
    level_with: int
    next_place: int | None
    to_next: int


@dataclass(frozen=True, slots=True)
class Ranking:
    """What a partner that takes part is shown; no place while fewer than FEWEST do."""

    place: Place | None


@dataclass(frozen=True, slots=True)
class _Numbers:
    """Everyone who took part at that moment, with what is counted for them."""

    read_at: float
    by_partner: Mapping[int, int]


# Per drive and what it counts. Adding up 500 hours of 500 partners with three links each takes
# PostgreSQL 0.2 s, and every open dashboard asks every few seconds.
_kept: dict[tuple[int, str], Kept[_Numbers]] = {}
forget = _kept.clear


def join(*, partner: Partner, now: datetime) -> None:
    """Take part from the next request on. Idempotent: `joined_ranking_at` stays the first."""
    Partner.objects.filter(pk=partner.pk, joined_ranking_at=None).update(joined_ranking_at=now)


def leave(*, partner: Partner) -> None:
    """Be named and counted nowhere from the next request on. Idempotent."""
    Partner.objects.filter(pk=partner.pk).update(joined_ranking_at=None)


def read(*, partner: Partner, drive: Drive, own: int) -> Ranking | None:
    """Return where this partner stands with its own number; none if it takes no part.

    One query, and none for a partner that takes no part. The others' numbers may be KEPT_SECONDS
    old, and whoever joins may be missing for as long; who has left is gone at once.
    """
    if partner.joined_ranking_at is None:
        return None
    counted = _counted(drive)
    others = [count for partner_id, count in counted.items() if partner_id != partner.pk]
    return Ranking(_place(own, others) if len(others) + 1 >= FEWEST else None)


def _place(own: int, others: list[int]) -> Place:
    ahead = [count for count in others if count > own]
    to_beat = min(ahead, default=own)
    return Place(
        place=len(ahead) + 1,
        of=len(others) + 1,
        level_with=others.count(own),
        next_place=1 + sum(count > to_beat for count in ahead) if ahead else None,
        to_next=to_beat - own,
    )


def _counted(drive: Drive) -> Mapping[int, int]:
    """Return what is counted for each of those who take part at this very moment."""
    asked_at = time.monotonic()
    kept = _kept.setdefault((drive.pk, drive.counts), Kept(seconds=KEPT_SECONDS))
    numbers = kept.get(lambda: _read(drive))
    if numbers.read_at >= asked_at:
        return numbers.by_partner
    still = _taking_part().values_list("pk", flat=True)
    return {it: numbers.by_partner[it] for it in still if it in numbers.by_partner}


def _taking_part() -> QuerySet[Partner]:
    return Partner.objects.exclude(joined_ranking_at=None).order_by("pk")


def _read(drive: Drive) -> _Numbers:
    read_at = time.monotonic()
    of_drive = Q(tallies__drive=drive, tallies__kind=drive.counts)
    counted = _taking_part().annotate(counted=FilteredRelation("tallies", condition=of_drive))
    rows = counted.annotate(sum=Coalesce(Sum("counted__value"), 0)).values_list("pk", "sum")
    return _Numbers(read_at, dict(rows))
