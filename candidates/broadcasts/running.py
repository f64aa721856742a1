"""A broadcast on its way: held back and given back, or stopped for good.

What it is to be is written first, and committed: from then on no sender takes up another of its
mails. Then the rows follow, some thousands in each transaction. Whatever breaks off in between,
the senders set aside what was left, and the same button goes on where it ended.
"""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from candidates import followups
from candidates.broadcasts.drafting import Stopped
from candidates.models import Broadcast, FollowUp

Why = FollowUp.Why


def pause(*, broadcast: Broadcast, now: datetime) -> int:
    """Hold back what has not begun to leave, and say how many; idempotent. Raises Stopped.

    Once this returns, no mail of it begins.
    """
    going = _going(broadcast)
    going.filter(paused_at=None).update(paused_at=now)
    return _all(going.filter(paused_at__isnull=False), followups.hold, Why.PAUSED)


def resume(*, broadcast: Broadcast) -> int:
    """Owe again what the pause held back, and say how many; idempotent. Raises Stopped."""
    going = _going(broadcast)
    going.update(paused_at=None)
    return _all(going.filter(paused_at=None), followups.give_back, Why.PAUSED)


def stop(*, broadcast: Broadcast, now: datetime) -> int:
    """Owe it to nobody any more, for good, and say to how many; a draft is given up so too.

    Idempotent: the first time stays. What is being sent at this moment may still arrive.
    """
    it = Broadcast.objects.filter(pk=broadcast.pk)
    it.filter(stopped_at=None).update(stopped_at=now)
    return _all(it, followups.call_off, Why.STOPPED)


def _going(broadcast: Broadcast) -> QuerySet[Broadcast]:
    going = Broadcast.objects.filter(pk=broadcast.pk, stopped_at=None)
    if not going.exists():
        raise Stopped
    return going


def _all(so: QuerySet[Broadcast], do: Callable[..., int], why: FollowUp.Why) -> int:
    """Do it to some after some, until none is left or a colleague decided otherwise.

    `so`: the broadcast, if it still is what it was set to.
    """
    done = 0
    while True:
        with transaction.atomic():
            it = so.select_for_update(of=("self",)).select_related("step").first()
            some = do(step=it.step, why=why) if it else 0
        if not some:
            return done
        done += some
