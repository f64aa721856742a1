"""What changed a partner's count though nobody came: its last corrections, in numbers alone."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Subquery, Sum

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
    """Return the last acts, newest first; what only moved between its links changed nothing."""
    act = Correction.objects.filter(drive=drive, recorded_at=OuterRef("recorded_at"))
    lines = Credit.objects.filter(
        drive=drive, partner=partner, kind__in=Credit.CORRECTIONS, counts_as=drive.counts
    ).exclude(reason=Credit.NEVER_COUNTED)
    acts = lines.values("recorded_at").annotate(
        change=Sum("amount"), cause=Subquery(act.order_by("-id").values("cause")[:1])
    )
    told = acts.exclude(change=0).order_by("-recorded_at")[:MOST_SHOWN]
    return tuple(
        Corrected(it["recorded_at"], it["change"], it["cause"] or Correction.Cause.OTHER)
        for it in told
    )
