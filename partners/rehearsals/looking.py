"""How a rehearsal stands: what staff are shown of it in the real admin."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet

from partners.models import Rehearsal
from partners.rehearsals import making, purging, schemas
from partners.rehearsals.purging import Numbers
from recruit.rehearsal import alive, versions


@dataclass(frozen=True, slots=True)
class Look:
    """The rehearsal that is on, where it is, what is in it, and what of it does not run."""

    rehearsal: Rehearsal
    url: str
    numbers: Numbers
    silent: tuple[str, ...]
    is_other_version: bool
    is_given_up: bool

    @property
    def is_ready(self) -> bool:
        return self.rehearsal.ready_at is not None and self.rehearsal.purging_at is None

    @property
    def is_moving(self) -> bool:
        """Whether the page is worth loading again by itself."""
        return not self.is_ready and not self.is_given_up


def look(*, now: datetime) -> Look | None:
    """Look at the one that is on, if any."""
    on = history().filter(purged_at=None).first()
    if on is None:
        return None
    is_whole = on.ready_at is not None and on.purging_at is None
    applied = versions.applied(schema=schemas.live()) if is_whole else None
    return Look(
        rehearsal=on,
        url=settings.REHEARSAL_URL,
        numbers=purging.numbers(),
        silent=tuple(alive.silent()),
        is_other_version=is_whole and applied != versions.brought(),
        is_given_up=making.is_given_up(rehearsal=on, now=now),
    )


def history() -> QuerySet[Rehearsal]:
    """Return every rehearsal that there was, the newest first."""
    acts = Rehearsal.objects.select_related("drive", "begun_by", "purged_by")
    return acts.order_by("-begun_at", "-id")
