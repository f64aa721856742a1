"""Sending what is due: claim, commit, send, record. At least once, always with the same id."""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from partners.hooks import claiming, messages, outcomes, wire
from partners.hooks.messages import Composer
from partners.models import Delivery
from partners.models.attempts import Outcome

# Threads of a process that may wait for others' servers at the same time.
SENDERS = 4

Clock = Callable[[], datetime]
Reader = Callable[[Sequence[Delivery]], Mapping[str, Composer]]
logger = logging.getLogger(__name__)
_senders = threading.BoundedSemaphore(SENDERS)


def sweep(*, read: Reader, clock: Clock) -> int:
    """Send until nothing may leave now, and return how many were tried.

    `read` looks up what a handful is about, and returns what writes each of its kinds.
    """
    if not _senders.acquire(blocking=False):
        return 0
    tried = 0
    try:
        while claimed := claiming.claim(now=clock()):
            tried += _send_all(claimed, read(claimed), clock)
    finally:
        _senders.release()
    return tried


def _send_all(claimed: Sequence[Delivery], composers: Mapping[str, Composer], clock: Clock) -> int:
    """Send a handful over one line until one fails or its time is over, and return how many.

    The rest is given back: a slow server has each of its threads for one attempt and no longer.
    """
    until, tried = time.monotonic() + claiming.HANDFUL_SECONDS, 0
    with contextlib.closing(wire.Line(address=claimed[0].endpoint.address)) as line:
        for delivery in claimed:
            tried += 1
            goes_on = _send(delivery, line, composers, clock)
            if not goes_on or time.monotonic() >= until:
                break
    claiming.give_back(unbegun=claimed[tried:])
    return tried


def _send(
    delivery: Delivery, line: wire.Line, composers: Mapping[str, Composer], clock: Clock
) -> bool:
    """Send one; say whether the next may follow."""
    try:
        body, headers = messages.write(delivery=delivery, composers=composers, now=clock())
    except messages.NothingToTell:
        outcomes.drop(delivery=delivery, now=clock())
    except Exception as failure:  # noqa: BLE001 - one poison row must not stop the others
        # No traceback: what it quotes might name people.
        logger.error("delivery %s was not written: %s", delivery.pk, type(failure).__name__)  # noqa: TRY400
        outcomes.put_off(delivery=delivery, answer=wire.Answer(Outcome.OURS), now=clock())
    else:
        answer = line.post(body=body, headers=headers)
        outcomes.note(delivery=delivery, answer=answer, now=clock())
        return answer.outcome == Outcome.ACCEPTED
    return True
