"""Whether there is a rehearsal now, as its own processes see it: begun, purged, begun anew."""

from enum import Enum

from django.conf import settings
from django.db import ProgrammingError

from recruit.memory import Kept
from recruit.rehearsal import versions

KEPT_SECONDS = 1.0


class Gate(Enum):
    OPEN = "open"
    ABSENT = "absent"
    OTHER_VERSION = "other_version"


_kept: Kept[Gate] = Kept(seconds=KEPT_SECONDS, apart=True)
forget = _kept.forget


def look() -> Gate:
    return _kept.get(_read)


def look_again() -> Gate:
    """Look now: something failed, and the schema may have gone away under it."""
    forget()
    return look()


def _read() -> Gate:
    try:
        applied = versions.applied(schema=settings.REHEARSAL_SCHEMA)
    except ProgrammingError:  # purged between two statements
        applied = None
    if applied is None:
        return Gate.ABSENT
    return Gate.OPEN if applied == versions.brought() else Gate.OTHER_VERSION
