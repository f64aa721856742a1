"""Asking for a file, fetching it, and what happens to it after a week."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum
from typing import TypeVar
from uuid import UUID

from django.db import transaction

from partners.models import Partner, User
from partners.models.exports import Export

LIFE = timedelta(days=7)
DAY = timedelta(days=1)
# A file of every lead is large: a stuck key or an angry viewer must not fill the disk.
MOST_A_DAY = 20

E = TypeVar("E", bound=Export)


class Standing(Enum):
    """Where a file stands, as its page says it."""

    WAITING = "waiting"
    MAKING = "making"
    READY = "ready"
    FAILED = "failed"
    EXPIRED = "expired"


class TooMany(Exception):
    """This partner has asked for MOST_A_DAY files of this kind within a day."""


def ask(*, model: type[E], partner: Partner, author: User, language: str, now: datetime) -> E:
    """Owe a file to this member; while one is not finished, asking again gives the same.

    Raises TooMany.
    """
    with transaction.atomic():
        # One at a time per partner. Not a key lock: credits of this partner come in meanwhile.
        Partner.objects.select_for_update(no_key=True).get(pk=partner.pk)
        of_today = model._default_manager.filter(partner=partner, requested_at__gt=now - DAY)
        unfinished = of_today.filter(author=author, finished_at=None, given_up_at=None).first()
        if unfinished:
            return unfinished
        if of_today.count() >= MOST_A_DAY:
            raise TooMany
        return model._default_manager.create(
            partner=partner,
            author=author,
            language=language,
            requested_at=now,
            expires_at=now + LIFE,
        )


def listed(*, model: type[E], partner: Partner, most: int) -> Sequence[E]:
    """Return this partner's newest files, without their content."""
    newest = model._default_manager.filter(partner=partner).order_by("-requested_at", "-id")
    return list(newest.defer("content").select_related("author")[:most])


def standing(*, export: Export, now: datetime) -> Standing:
    """Say where it stands; whoever was begun and has no lease left is waiting again."""
    if export.expires_at <= now:
        return Standing.EXPIRED
    if export.finished_at:
        return Standing.READY
    if export.given_up_at:
        return Standing.FAILED
    is_held = export.leased_until is not None and export.leased_until >= now
    return Standing.MAKING if is_held else Standing.WAITING


def fetch(*, model: type[E], partner: Partner, export_id: UUID, now: datetime) -> E | None:
    """Return a file that can be downloaded, and note when it was; None for every other one."""
    ready = model._default_manager.filter(
        id=export_id, partner=partner, content__isnull=False, expires_at__gt=now
    )
    if not ready.update(fetched_at=now):
        return None
    return ready.first()


def has_expired(*, model: type[E], partner: Partner, export_id: UUID, now: datetime) -> bool:
    """Say whether this is a file of this partner whose time is over."""
    found = model._default_manager.filter(id=export_id, partner=partner, expires_at__lte=now)
    return found.exists()


def expire(*, model: type[E], now: datetime) -> int:
    """Forget the content of what is older than LIFE; the row stays as the log. Idempotent."""
    over = model._default_manager.filter(expires_at__lte=now)
    over.filter(finished_at=None, given_up_at=None).update(given_up_at=now)
    return over.filter(content__isnull=False).update(content=None)
