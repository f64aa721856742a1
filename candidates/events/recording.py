"""Writing down what was told of one mail, together with what follows from it."""

import hashlib
import logging
from datetime import datetime
from uuid import UUID

from django.db import transaction

from candidates.events import effects, shares
from candidates.models import Candidate, MailEvent

NAME_LENGTH, DETAIL_LENGTH = 160, 200

logger = logging.getLogger(__name__)


def record(
    *,
    provider: str,
    event_id: str,
    kind: MailEvent.Kind,
    followup_id: UUID,
    at: datetime,
    detail: str = "",
    now: datetime,
) -> bool:
    """Write down an event and do what it asks for, in one transaction; say whether it was new.

    Idempotent by (provider, event_id): whoever is not answered in time tells it again. Events come
    in any order, so what one does never depends on which came before. A mail that we don't know,
    or whose reader was erased, is no error.
    """
    with transaction.atomic():
        # Held until the end: two bounces told at once are counted one after the other, and
        # nobody is erased in between.
        reader = Candidate.objects.select_for_update(of=("self",), no_key=True)
        candidate = reader.filter(followups=followup_id).first()
        if candidate is None:
            logger.info("%s told of a mail that we do not know: %s", provider, kind)
            return False
        event, is_new = MailEvent.objects.get_or_create(
            provider=provider,
            event_id=_name(event_id),
            defaults={
                "followup_id": followup_id,
                "kind": kind,
                "at": min(at, now),  # nobody's clock makes an answer newer than what follows it
                "recorded_at": now,
                "detail": _line(detail),
            },
        )
        if is_new:
            effects.follow(event=event, candidate=candidate, now=now)
            shares.watch(event=event, now=now)
    return is_new


def _name(event_id: str) -> str:
    """Return their name for it, or a digest of one that is too long or odd for the column."""
    if event_id.isascii() and event_id.isprintable() and len(event_id) <= NAME_LENGTH:
        return event_id
    return hashlib.sha256(event_id.encode(errors="backslashreplace")).hexdigest()


def _line(detail: str) -> str:
    printable = "".join(it if it.isprintable() else " " for it in detail[: 5 * DETAIL_LENGTH])
    return " ".join(printable.split())[:DETAIL_LENGTH]
