"""How long it takes to plan the follow-ups of one broadcast."""

import statistics
import time

from debts import clock

PLANNED, MOST_SECONDS, RELEASES = 15_000, 5.0, 3


def measure() -> bool:
    """Release a broadcast to so many, a few times; say whether it takes seconds."""
    from django.db import connection, reset_queries  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    from candidates import broadcasts, sequences  # noqa: PLC0415
    from partners.models import User  # noqa: PLC0415

    drafter, releaser = (
        User.objects.create_superuser(f"{name}@example.org", full_name=name)
        for name in ("drafter", "releaser")
    )
    told = []
    for number in range(RELEASES):
        audience = broadcasts.Audience(stages=["intro_call"])
        made = broadcasts.draft(
            name=f"Broadcast {number}", audience=audience, author=drafter, now=clock()
        )
        said = {
            "language": "en",
            "subject": "Hello",
            "body": "# Hello\n\nThe day is near.",
            "seen": 0,
        }
        broadcasts.say(broadcast=made, author=drafter, now=clock(), **said)
        broadcasts.count(broadcast=made, now=(counted_at := clock()))
        texts = sequences.current_texts(steps=[made.step]).values()
        seen = [it.id for it in texts]
        began = time.perf_counter()
        with CaptureQueriesContext(connection) as made_queries:
            planned = broadcasts.release(
                broadcast=made, seen=seen, counted_at=counted_at, author=releaser, now=clock()
            )
        told.append((time.perf_counter() - began, len(made_queries)))
        reset_queries()
        assert planned == PLANNED, planned
    seconds, statements = (statistics.median(it) for it in zip(*told, strict=True))
    is_met = seconds <= MOST_SECONDS
    print(
        f"{PLANNED:,} follow-ups of one broadcast: {seconds:.2f} s, {statements:.0f} statements;"
        f" goal {MOST_SECONDS:.0f} s: {'met' if is_met else 'MISSED'}"
    )
    return is_met
