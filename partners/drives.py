"""Which drive is on."""

import time
from datetime import datetime

from django.db import OperationalError

from partners.models import Drive

KEPT_SECONDS = 2.0

_current: Drive | None = None
_read_at = float("-inf")


def current(*, now: datetime) -> Drive:
    """Return the open drive that opened last; read once in KEPT_SECONDS per process."""
    global _current, _read_at  # noqa: PLW0603 - one cache per process
    if _current is None or time.monotonic() - _read_at > KEPT_SECONDS:
        _read_at = time.monotonic()
        try:
            _current = Drive.objects.current(now)
        except OperationalError:
            if _current is None:
                raise
    return _current


def forget() -> None:
    """Forget what was read: the next call asks the database."""
    global _current  # noqa: PLW0603 - one cache per process
    _current = None
