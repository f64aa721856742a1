"""A broadcast on its way: held back and given back, or stopped for good."""

from datetime import datetime

from django.db import transaction

from candidates import followups
from candidates.broadcasts.drafting import Stopped, locked
from candidates.models import Broadcast, FollowUp

Why = FollowUp.Why


@transaction.atomic
def pause(*, broadcast: Broadcast, now: datetime) -> int:
    """Hold back what has not begun to leave, and say how many; idempotent. Raises Stopped.

    From the moment this is committed no mail of it begins: a sender asks the row before each.
    """
    it = _going(broadcast)
    Broadcast.objects.filter(pk=it.pk, paused_at=None).update(paused_at=now)
    return followups.hold(step=it.step, why=Why.PAUSED)


@transaction.atomic
def resume(*, broadcast: Broadcast) -> int:
    """Owe again what the pause held back, and say how many; idempotent. Raises Stopped."""
    it = _going(broadcast)
    Broadcast.objects.filter(pk=it.pk).update(paused_at=None)
    return followups.give_back(step=it.step, why=Why.PAUSED)


@transaction.atomic
def stop(*, broadcast: Broadcast, now: datetime) -> int:
    """Owe it to nobody any more, for good, and say to how many; a draft is given up so too.

    Idempotent: the first time stays. What is being sent at this moment may still arrive.
    """
    it = locked(broadcast)
    Broadcast.objects.filter(pk=it.pk, stopped_at=None).update(stopped_at=now)
    return followups.call_off(step=it.step, why=Why.STOPPED)


def _going(broadcast: Broadcast) -> Broadcast:
    it = locked(broadcast)
    if it.stopped_at:
        raise Stopped
    return it
