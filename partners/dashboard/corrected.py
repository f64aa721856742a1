"""What changed a partner's count though nobody came: its last corrections, in numbers alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum

from partners.models import Correction, Credit, Drive, Partner

MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Corrected:
    """By how much one act changed what the drive counts for this partner, and why."""

    at: datetime
    change: int
    cause: str

    @property
    def why(self) -> str:
        return str(Correction.Cause(self.cause).label)


def read(*, partner: Partner, drive: Drive) -> tuple[Corrected, ...]:
    """Return the last acts, newest first; what only moved between its links changed nothing.

    One query, and one more where there are any: why is asked of the few that are shown, since a
    recomputing writes thousands of lines.
    """
    lines = Credit.objects.filter(
        drive=drive, partner=partner, kind__in=Credit.CORRECTIONS, counts_as=drive.counts
    ).exclude(reason__in=Credit.NEVER_COUNTED)
    acts = lines.values("recorded_at").annotate(change=Sum("amount")).exclude(change=0)
    told = acts.order_by("-recorded_at").values_list("recorded_at", "change")[:MOST_SHOWN]
    changes = dict(told)
    why = _causes(drive, list(changes))
    return tuple(
        Corrected(at, change, why.get(at, Correction.Cause.OTHER)) for at, change in changes.items()
    )


def _causes(drive: Drive, moments: Sequence[datetime]) -> dict[datetime, str]:
    if not moments:
        return {}
    acts = Correction.objects.filter(drive=drive, recorded_at__in=moments).order_by("id")
    return dict(acts.values_list("recorded_at", "cause"))
