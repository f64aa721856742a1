"""Which drive is on."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import NamedTuple

from partners.models import Drive
from recruit.memory import Kept

KEPT_SECONDS = 2.0


class Stretch(NamedTuple):
    """From when on a drive is the one that is on."""

    begins_at: datetime
    drive: Drive


_kept: Kept[list[Stretch]] = Kept(seconds=KEPT_SECONDS)
forget = _kept.forget


def current(*, now: datetime) -> Drive:
    """Return the open drive that opened last; read once in KEPT_SECONDS per process.

    What is kept says which drive follows at which moment, so that whoever comes in the first
    second of one belongs to it. Where none is open, the one that opened last goes on, so that no
    sign-up is turned away. Raises Drive.DoesNotExist where there is none at all.
    """
    stretches = _kept.get(lambda: list(_ahead(list(Drive.objects.all()), now)))
    begun = [it.drive for it in stretches if it.begins_at <= now]
    return begun[-1] if begun else stretches[0].drive


def handover(*, drive: Drive, now: datetime) -> tuple[Drive, Drive] | None:
    """Return which drive is on now and which would be if this one were as it is here.

    None where that is the same one, or where there is no other.
    """
    known = list(Drive.objects.all())
    if not known:
        return None
    others = [it for it in known if it.pk != drive.pk]
    before, after = _on(known, now), _on([*others, drive], now)
    return None if before.pk == after.pk else (before, after)


def _ahead(found: Collection[Drive], now: datetime) -> Iterator[Stretch]:
    """Tell which drive is on now, and which ones from each later opening or closing on."""
    edges = {at for it in found for at in (it.opens_at, it.closes_at) if at and at > now}
    for at in (now, *sorted(edges)):
        yield Stretch(at, _on(found, at))


def _on(found: Collection[Drive], at: datetime) -> Drive:
    opened = [it for it in found if it.opens_at <= at]
    is_open = [it for it in opened if not it.closes_at or it.closes_at > at]
    if not found:
        raise Drive.DoesNotExist
    if not opened:
        return min(found, key=_order)
    return max(is_open or opened, key=_order)


def _order(drive: Drive) -> tuple[datetime, int]:
    """Of two that opened at the same moment the one made last is on; a new one has no id yet."""
    return drive.opens_at, drive.pk or 2**63
