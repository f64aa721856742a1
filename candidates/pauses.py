"""Whether mail may leave: in a paused lane nothing does, until a colleague lets it."""

import logging
from datetime import datetime

from candidates.models import Lane, MailPause
from partners.models import User

logger = logging.getLogger(__name__)


def pause(
    *, lane: Lane, reason: MailPause.Reason, author: User | None = None, now: datetime
) -> bool:
    """Let no mail of this lane begin any more; idempotent. Say whether it was not paused yet.

    The first reason stays, but for the one that asks most of whoever resumes: a restored backup.
    """
    if reason == MailPause.Reason.RESTORED:
        MailPause.objects.filter(lane=lane).exclude(reason=reason).delete()
    _pause, is_new = MailPause.objects.get_or_create(
        lane=lane, defaults={"reason": reason, "author": author, "since": now}
    )
    if is_new:
        logger.warning("mail that leaves %s is paused: %s", lane.name.lower(), reason)
    return is_new


def resume(*, lane: Lane, author: User, now: datetime) -> bool:
    """Let mail leave again; idempotent. What came due meanwhile leaves with the next sweep."""
    pause = MailPause.objects.filter(lane=lane).first()
    if pause is None:
        return False
    pause.delete()
    logger.warning(
        "mail that leaves %s was resumed by user %s after %s: it was %s",
        lane.name.lower(),
        author.pk,
        now - pause.since,
        pause.reason,
    )
    return True


def paused() -> dict[Lane, MailPause]:
    """Return what is paused, with the reason, since when, and by whom."""
    pauses = MailPause.objects.select_related("author").order_by("lane")
    return {Lane(it.lane): it for it in pauses}
