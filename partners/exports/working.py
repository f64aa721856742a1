"""Who makes which file now: a claim with a lease, so that a killed worker's file is made anew."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import transaction
from django.db.models import Q

from partners.models.exports import Export

logger = logging.getLogger(__name__)

# Each step of the work takes the lease anew; a step is a thousand rows, well below a second.
LEASE = timedelta(minutes=1)
MOST_ATTEMPTS = 3
# Of each kind, on all machines together: files can wait, and PostgreSQL has others to serve.
AT_ONCE = 2

E = TypeVar("E", bound=Export)
Clock = Callable[[], datetime]


class LostClaim(Exception):
    """The lease ran out and somebody else makes this file now, or it expired."""


def work(*, model: type[E], make: Callable[[E, Clock], None], clock: Clock) -> None:
    """Make every file that is owed, one after the other.

    A failure ends the run and is seen in the log of the worker; when the lease has run out, the
    file is tried again, MOST_ATTEMPTS times in all.
    """
    while export := claim(model=model, now=clock()):
        try:
            make(export, clock)
        except LostClaim:
            logger.warning("Export %s was taken over by another worker", export.pk)


def claim(*, model: type[E], now: datetime) -> E | None:
    """Take the oldest file that nobody is making; no other worker is given the same one."""
    unfinished = model._default_manager.filter(finished_at=None, given_up_at=None)
    with transaction.atomic():
        _give_up(model, now)
        if unfinished.filter(leased_until__gte=now).count() >= AT_ONCE:
            return None
        free = unfinished.filter(Q(leased_until=None) | Q(leased_until__lt=now))
        locked = free.select_for_update(skip_locked=True, of=("self",)).select_related("partner")
        export = locked.order_by("requested_at").first()
        if export is None:
            return None
        export.attempts += 1
        export.leased_until, export.done, export.total = now + LEASE, 0, None
        export.save(update_fields=["attempts", "leased_until", "done", "total"])
    return export


def advance(*, export: Export, done: int, total: int, now: datetime) -> None:
    """Say how far it is, and take the lease anew. Raises LostClaim."""
    _write(export, done=done, total=total, leased_until=now + LEASE)


def finish(*, export: Export, content: bytes, now: datetime) -> None:
    """Keep the content. Raises LostClaim: then somebody else's is kept."""
    _write(export, content=content, finished_at=now, leased_until=None)


def _write(export: Export, **values: object) -> None:
    """Write only while the claim is ours: every claim has its own number of attempts."""
    ours = type(export)._default_manager.filter(
        pk=export.pk, attempts=export.attempts, finished_at=None, given_up_at=None
    )
    if not ours.update(**values):
        raise LostClaim


def _give_up(model: type[E], now: datetime) -> None:
    tried = model._default_manager.filter(finished_at=None, given_up_at=None)
    tried = tried.filter(attempts__gte=MOST_ATTEMPTS, leased_until__lt=now)
    for pk in tried.values_list("pk", flat=True):
        logger.error("Export %s was given up after %s attempts", pk, MOST_ATTEMPTS)
    tried.update(given_up_at=now, leased_until=None)
