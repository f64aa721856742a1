"""How long somebody waits for a mail while a worker sends a long backlog of other mails."""

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import debts
import sending
import sink

BACKLOG, WAITERS, MOST_SECONDS = 100_000, 20, 30.0
# The beat rings once a second.
BEAT_SECONDS = 1.0


def measure(backlog: int) -> bool:
    """Owe confirmations one after the other behind the backlog; say whether each left in time."""
    from candidates.followups.sending import send_due  # noqa: PLC0415 - Django is set up only now
    from candidates.models import Lane  # noqa: PLC0415

    with sink.started() as taken, ThreadPoolExecutor(sending.lines() + 1) as threads:
        sending.use(taken)
        debts.owe(lane="BULK", rows=backlog)
        is_over = Event()

        def sweep(lane: Lane) -> None:
            from django.db import connections  # noqa: PLC0415

            while not is_over.wait(BEAT_SECONDS if lane is Lane.URGENT else 0):
                send_due(lane=lane, clock=debts.clock)
            connections.close_all()

        work = [threads.submit(sweep, Lane.URGENT)]
        work += [threads.submit(sweep, Lane.BULK) for _ in range(sending.lines())]
        waited = [wait() for _ in range(WAITERS)]
        left = _due()
        is_over.set()
        for it in work:
            it.result()
    slowest = max(waited)
    is_met = slowest <= MOST_SECONDS and left > 0
    print(
        f"a confirmation behind {backlog:,} other mails, {left:,} of them still there at the end: "
        f"{statistics.median(waited):.1f} s, at most {slowest:.1f} s; goal {MOST_SECONDS:.0f} s: "
        f"{'met' if is_met else 'MISSED'}"
    )
    return is_met


def wait() -> float:
    """Owe one mail that somebody waits for, and return after how many seconds it has left."""
    from candidates.models import Candidate, FollowUp, Lane, Step  # noqa: PLC0415

    person = Candidate.objects.exclude(followups__lane=Lane.URGENT).first()
    step = Step.objects.get(sequence__slug="welcome", number=1)
    now = debts.clock()
    owed = FollowUp.objects.create(
        candidate=person, step=step, lane=Lane.URGENT, anchor_at=now, due_at=now
    )
    began = time.monotonic()
    while not FollowUp.objects.filter(pk=owed.pk, sent_at__isnull=False).exists():
        if time.monotonic() - began > 2 * MOST_SECONDS:
            raise TimeoutError("a confirmation never left")
        time.sleep(0.02)
    return time.monotonic() - began


def _due() -> int:
    from candidates.models import FollowUp, Lane  # noqa: PLC0415

    return FollowUp.objects.filter(lane=Lane.BULK, state="due").count()
