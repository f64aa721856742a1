"""Beginning a rehearsal: a row, from which a worker makes the rest."""

from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction

from partners.models import Drive, Rehearsal, User


class AlreadyOn(Exception):
    """There is a rehearsal now, or one that is being purged: one at a time."""


def is_set_up() -> bool:
    """Return whether whoever runs this site has said where a rehearsal would be."""
    return bool(settings.REHEARSAL_URL) and not settings.IS_REHEARSAL


def is_its_day(*, drive: Drive, now: datetime) -> bool:
    """Return whether this is the real day, on which everybody has something else to do."""
    begin, end = drive.span
    return begin <= now < end


def begin(*, drive: Drive, by: User | None, now: datetime) -> Rehearsal:
    """Owe a rehearsal of this drive. Raises AlreadyOn; that there is one is a constraint."""
    try:
        with transaction.atomic():
            return Rehearsal.objects.create(drive=drive, begun_at=now, begun_by=by)
    except IntegrityError as refused:
        if "rehearsal_one_at_a_time" not in str(refused):
            raise
        raise AlreadyOn from refused
