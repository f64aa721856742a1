"""Which drive is on."""

from datetime import datetime

from partners.models import Drive
from recruit.memory import Kept

KEPT_SECONDS = 2.0

_kept: Kept[Drive] = Kept(seconds=KEPT_SECONDS)
forget = _kept.forget


def current(*, now: datetime) -> Drive:
    """Return the open drive that opened last; read once in KEPT_SECONDS per process.

    Where none is open, the one that opened last goes on, so that no sign-up is turned away.
    Raises Drive.DoesNotExist where there is none at all.
    """
    return _kept.get(lambda: _read(now))


def _read(now: datetime) -> Drive:
    try:
        return Drive.objects.current(now)
    except Drive.DoesNotExist:
        opened = Drive.objects.filter(opens_at__lte=now).order_by("opens_at", "id").last()
        return opened or Drive.objects.earliest("opens_at", "id")
