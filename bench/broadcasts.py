"""How long a broadcast to many takes to count, release, pause, resume, look at and stop.

    python bench/broadcasts.py [--leads 350000]

Makes a database of its own beside the one of DATABASE_URL, fills it by bench/world.sql, and drops
it. Of the leads 60 % confirmed; of them one in a hundred said stop.
"""

import argparse
import time
from collections.abc import Callable
from datetime import timedelta

import world

# A tenth, of whom 60 % confirmed, came through the partner.
SMALL = 15_000


def measure() -> list[str]:
    """Draft for some 15,000, for one partner, and for everybody; time each deed."""
    from django.db.models import Count  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from candidates.broadcasts import Audience  # noqa: PLC0415
    from candidates.models import Candidate  # noqa: PLC0415

    _say_stop()
    states, number = [], 0
    confirmed = Candidate.objects.filter(confirmed_at__isnull=False)
    for state, people in (
        confirmed.values_list("state").annotate(number=Count("pk")).order_by("number")
    ):
        if number < SMALL:
            states, number = [*states, state], number + people
    now = timezone.now().replace(hour=18)  # in polite hours everywhere but in the far west
    return [
        _timed("some states", Audience(states=states), now),
        _timed("one partner", Audience(partners=[1]), now),
        _timed("everybody", Audience(), now),
    ]


def _say_stop() -> None:
    from django.utils import timezone  # noqa: PLC0415

    from candidates import privacy  # noqa: PLC0415
    from candidates.models import Candidate, Suppression  # noqa: PLC0415

    emails = Candidate.objects.filter(phone__endswith="00").values_list(
        "email_canonical", flat=True
    )
    Suppression.objects.bulk_create(
        Suppression(digest=privacy.digest(it), reason="unsubscribed", at=timezone.now())
        for it in emails
    )


def _timed(name: str, audience: object, now: object) -> str:
    from candidates import broadcasts, sequences  # noqa: PLC0415
    from candidates.models import FollowUp  # noqa: PLC0415
    from partners.models import User  # noqa: PLC0415

    one, two = (
        User.objects.get_or_create(email=f"{it}@example.org", full_name=it)[0]
        for it in ("one", "two")
    )
    it = broadcasts.draft(name=name, audience=audience, author=one, now=now)
    body = "# Hello\n\nThe day is near."
    words = {"language": "en", "subject": "Hello", "body": body, "seen": 0}
    broadcasts.say(broadcast=it, **words, author=one, now=now)
    seen = [text.id for text in sequences.current_texts(steps=[it.step]).values()]
    later = now + timedelta(minutes=3)
    deeds: dict[str, Callable[[], object]] = {
        "count": lambda: broadcasts.count(broadcast=it, now=now),
        "release": lambda: broadcasts.release(
            broadcast=it, seen=seen, counted_at=now, author=two, now=now
        ),
        "progress": lambda: broadcasts.progress(broadcast=it, now=later),
        "pause": lambda: broadcasts.pause(broadcast=it, now=later),
        "resume": lambda: broadcasts.resume(broadcast=it),
        "half is sent": lambda: _send_half(it),
        "progress, half": lambda: broadcasts.progress(broadcast=it, now=later),
        "stop": lambda: broadcasts.stop(broadcast=it, now=later),
    }
    took = {what: _seconds(deed) for what, deed in deeds.items()}
    number = FollowUp.objects.filter(step=it.step).count()
    return f"{name:<12} {number:>8,} " + "".join(f"{what} {took[what]:.2f}  " for what in took)


def _send_half(it: object) -> None:
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE candidates_followup SET state = 'sent', sent_at = now() "
            "WHERE step_id = %s AND get_byte(uuid_send(id), 0) < 128",
            [it.step_id],
        )


def _seconds(deed: Callable[[], object]) -> float:
    began = time.perf_counter()
    deed()
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, default=350_000)
    leads = parser.parse_args().leads
    with world.grown(credits=round(leads * world.CREDITS_OF_ONE)) as process:
        print(*process.submit(measure).result(), sep="\n")


if __name__ == "__main__":
    main()
