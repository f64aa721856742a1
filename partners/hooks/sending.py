"""Sending what is due: claim, commit, send, record. At least once, always with the same id."""

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import datetime

from partners.hooks import claiming, messages, outcomes, wire
from partners.hooks.messages import Composer
from partners.models import Delivery

# Threads of a process that may wait for others' servers at the same time.
SENDERS = 4

Clock = Callable[[], datetime]
logger = logging.getLogger(__name__)
_senders = threading.BoundedSemaphore(SENDERS)


def sweep(*, composers: Mapping[str, Composer], clock: Clock) -> int:
    """Send until nothing may leave now, and return how many were tried."""
    if not _senders.acquire(blocking=False):
        return 0
    tried = 0
    try:
        while delivery := claiming.claim(now=clock()):
            _send(delivery, composers, clock)
            tried += 1
    finally:
        _senders.release()
    return tried


def _send(delivery: Delivery, composers: Mapping[str, Composer], clock: Clock) -> None:
    try:
        body, headers = messages.write(delivery=delivery, composers=composers, now=clock())
    except messages.NothingToTell:
        outcomes.drop(delivery=delivery, now=clock())
    except Exception as failure:  # noqa: BLE001 - one poison row must not stop the others
        # No traceback: what it quotes might name people.
        logger.error("delivery %s was not written: %s", delivery.pk, type(failure).__name__)  # noqa: TRY400
        outcomes.put_off(delivery=delivery, answer=wire.Answer(Delivery.Outcome.OURS), now=clock())
    else:
        answer = wire.post(address=delivery.endpoint.address, body=body, headers=headers)
        outcomes.note(delivery=delivery, answer=answer, now=clock())
