"""Broadcasts, drafted and let go as two colleagues would do it."""

from datetime import datetime

from candidates import broadcasts, sequences
from candidates.broadcasts import Audience
from candidates.models import Broadcast, FollowUp, StepText
from candidates.texts import Place, versions
from partners.models import User
from tests.conftest import NOON

HELLO = "# Hello, {first_name|friend}\n\nThe day is near."


def drafted(author: User, *, now: datetime = NOON, **audience: object) -> Broadcast:
    """Draft one that says hello in English, and count it."""
    made = broadcasts.draft(
        name="The day is near", audience=Audience(**audience), author=author, now=now
    )
    say(made, author, now=now)
    broadcasts.count(broadcast=made, now=now)
    made.refresh_from_db()
    return made


def say(
    broadcast: Broadcast,
    author: User,
    body: str = HELLO,
    *,
    language: str = "en",
    now: datetime = NOON,
) -> None:
    place = Place(broadcast.step, language)
    newest = versions(place=place).first()
    broadcasts.say(
        broadcast=broadcast,
        language=language,
        subject="The day is near",
        body=body,
        seen=newest.version if newest else 0,
        author=author,
        now=now,
    )


def texts(broadcast: Broadcast) -> list[StepText]:
    return list(sequences.current_texts(steps=[broadcast.step]).values())


def release(broadcast: Broadcast, author: User, *, now: datetime = NOON) -> int:
    """Let it go, having seen what it says now."""
    seen = [it.id for it in texts(broadcast)]
    counted_at = Broadcast.objects.get(pk=broadcast.pk).counted_at
    return broadcasts.release(
        broadcast=broadcast, seen=seen, counted_at=counted_at, author=author, now=now
    )


def owed(broadcast: Broadcast) -> set[str]:
    """Say who has a row of it, by the first name."""
    rows = FollowUp.objects.filter(step=broadcast.step_id)
    return set(rows.values_list("candidate__first_name", flat=True))


def states(broadcast: Broadcast) -> dict[str, int]:
    return broadcasts.progress(broadcast=broadcast, now=NOON).counts
