"""A broadcast before its release: whom it is for, what it says, and how many it would reach."""

from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction

from candidates import overtaking, texts
from candidates.broadcasts import audiences
from candidates.broadcasts.audiences import Audience, Count
from candidates.models import Broadcast, Lane, Sequence, Step
from partners.models import User

# The hours in which a broadcast may leave, where its reader lives.
POLITE_FROM, POLITE_UNTIL = 8, 20


class AlreadyReleased(Exception):
    """It left the hands of those who drafted it: nothing of it is changed any more."""


class Stopped(Exception):
    """It was stopped, for good."""


def locked(broadcast: Broadcast) -> Broadcast:
    """Return it as it is now, to be changed by nobody else before the end of the transaction."""
    rows = Broadcast.objects.select_for_update(of=("self",)).select_related("step__sequence")
    return rows.get(pk=broadcast.pk)


def locked_draft(broadcast: Broadcast) -> Broadcast:
    """Raises AlreadyReleased, Stopped."""
    draft = locked(broadcast)
    if draft.stopped_at:
        raise Stopped
    if draft.released_at:
        raise AlreadyReleased
    return draft


@transaction.atomic
def draft(*, name: str, audience: Audience, author: User, now: datetime) -> Broadcast:
    """Begin a broadcast: a sequence of one step that is switched off until the release."""
    sequence = Sequence.objects.create(
        name=name, slug=f"broadcast-{uuid4().hex}", trigger=Sequence.Trigger.BY_HAND
    )
    step = Step.objects.create(
        sequence=sequence,
        number=1,
        name=name,
        delay=timedelta(),
        polite_from=POLITE_FROM,
        polite_until=POLITE_UNTIL,
        lane=Lane.BULK,
        added_at=now,
    )
    return Broadcast.objects.create(
        step=step, drafted_by=author, drafted_at=now, **audience.columns()
    )


@transaction.atomic
def rewrite(
    *,
    broadcast: Broadcast,
    name: str,
    audience: Audience,
    seen: str | None = None,
    author: User,
    now: datetime,
) -> None:
    """Name it and its audience anew; what changed must be counted again.

    `seen`: the settings that its author began with. Raises Overtaken, AlreadyReleased, Stopped.
    """
    draft = locked_draft(broadcast)
    if (draft.step.name, Audience.of(draft)) == (name, audience):
        return
    wanted = _settings(name, audience)
    overtaking.check(seen=seen, now=settings_of(broadcast=draft), wanted=wanted)
    _take(draft, author, now, counted=None, counted_at=None, **audience.columns())
    Sequence.objects.filter(pk=draft.step.sequence_id).update(name=name)
    Step.objects.filter(pk=draft.step_id).update(name=name)


def settings_of(*, broadcast: Broadcast) -> str:
    return _settings(broadcast.step.name, Audience.of(broadcast))


def _settings(name: str, audience: Audience) -> str:
    return overtaking.written(values={"name": name, **audience.columns()})


@transaction.atomic
def say(
    *,
    broadcast: Broadcast,
    language: str,
    subject: str,
    body: str,
    seen: int,
    author: User,
    now: datetime,
) -> None:
    """Write what it says in one language, as texts.write does: `seen` is the version before it.

    Raises wording.Refused, texts.Outdated, AlreadyReleased, Stopped.
    """
    draft = locked_draft(broadcast)
    place = texts.Place(draft.step, language)
    if texts.write(place=place, subject=subject, body=body, seen=seen, author=author, now=now):
        _take(draft, author, now)


def _take(draft: Broadcast, author: User, now: datetime, **changes: object) -> None:
    """Whoever changed it last drafted it: that is who may not release it."""
    rows = Broadcast.objects.filter(pk=draft.pk)
    rows.update(drafted_by=author, drafted_at=now, **changes)


@transaction.atomic
def count(*, broadcast: Broadcast, now: datetime) -> Count:
    """Count whom it would reach now, and keep the number. Raises AlreadyReleased, Stopped."""
    draft = locked_draft(broadcast)
    found = audiences.counted(broadcast=draft, now=now)
    Broadcast.objects.filter(pk=draft.pk).update(counted=found.people, counted_at=now)
    return found
