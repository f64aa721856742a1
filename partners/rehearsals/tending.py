"""What a worker does for rehearsals: makes what is owed, and ends what a purge left unfinished."""

import logging

from django.db import DatabaseError

from partners.models import Rehearsal
from partners.rehearsals import making, purging
from partners.rehearsals.making import Clock, NotMade, Overtaken

logger = logging.getLogger(__name__)


def tend(*, clock: Clock) -> None:
    """Do what is to be done. A failure is told to staff in the row, and tried again."""
    purging.finish(now=clock())  # left by a purge that was cut short
    rehearsal = making.claim(now=clock())
    if rehearsal is None:
        return
    try:
        making.make(rehearsal=rehearsal, clock=clock)
    except Overtaken:
        logger.warning("Rehearsal %s was purged, or taken over by another worker", rehearsal.pk)
    except (NotMade, DatabaseError, OSError) as failure:
        logger.exception("Rehearsal %s was not made", rehearsal.pk)
        error = f"{type(failure).__name__}: {failure}".splitlines()[0][:200]
        ours = Rehearsal.objects.filter(pk=rehearsal.pk, leased_until=rehearsal.leased_until)
        ours.update(last_error=error, leased_until=None)
