"""Letting a broadcast go: what a second person saw, to as many as were counted, all at once."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from candidates import followups, sequences, wording
from candidates.broadcasts import audiences
from candidates.broadcasts.audiences import Audience
from candidates.broadcasts.drafting import locked_draft
from candidates.models import Broadcast, Sequence, Step
from partners.models import User

# A count is good for so long, and may be so much off, in hundredths.
COUNTED_FOR = timedelta(hours=1)
MOVED_BY = 10
SECOND_PERSON = "broadcast_released_by_a_second_person"


class NotCounted(Exception):
    """It was not counted, or too long ago."""


class CountMoved(Exception):
    """It would reach another number of people than was counted: `people`."""

    def __init__(self, people: int) -> None:
        super().__init__(people)
        self.people = people


class Nobody(Exception):
    """It would reach nobody."""


class NothingToSay(Exception):
    """It has no English text, which all get whose language it doesn't speak."""


class NotSeen(Exception):
    """Its texts, or its count and with it its audience, are not those that this person saw."""


class NeedsSecondPerson(Exception):
    """Whoever changed it last, or ever wrote words of it, can't release it."""


def is_of(*, broadcast: Broadcast, user: User) -> bool:
    """Whether it is of this person's making, so that somebody else has to release it."""
    wrote = broadcast.step.texts.filter(author=user)
    return broadcast.drafted_by_id == user.pk or wrote.exists()


@transaction.atomic
def release(
    *,
    broadcast: Broadcast,
    seen: Collection[int],
    counted_at: datetime | None,
    author: User,
    now: datetime,
) -> int:
    """Owe it to everybody in its audience, and return to how many.

    `seen`: the ids of the texts on the page of whoever releases it; `counted_at`: the count there.
    All or nothing: whatever goes wrong on the way, nobody is owed anything; and released twice,
    everybody is owed it once. Raises AlreadyReleased, Stopped, NotCounted, CountMoved, Nobody,
    NothingToSay, NotSeen, NeedsSecondPerson, wording.Refused.
    """
    draft = locked_draft(broadcast)
    if not draft.counted_at or draft.counted_at < now - COUNTED_FOR:
        raise NotCounted
    _check_texts(draft.step, seen)
    if draft.counted_at != counted_at:
        raise NotSeen
    if is_of(broadcast=draft, user=author):
        raise NeedsSecondPerson
    _sign(draft, author, now)
    planned = _owe(draft, counted := draft.counted or 0, now)
    if not planned:
        raise Nobody
    if abs(planned - counted) * 100 > counted * MOVED_BY:
        raise CountMoved(planned)
    _switch_on(draft, planned, now)
    return planned


def _owe(draft: Broadcast, counted: int, now: datetime) -> int:
    people = audiences.willing(broadcast=draft, now=now)
    planned = 0
    for some in audiences.slices(people=people, number=counted):
        barred = audiences.barred(people=some)
        planned += followups.owe_all(step=draft.step, people=some, barred=barred, now=now)
    return planned


def _check_texts(step: Step, seen: Collection[int]) -> None:
    texts = sequences.current_texts(steps=[step])
    if (step.id, "en", None) not in texts:
        raise NothingToSay
    if {it.id for it in texts.values()} != set(seen):
        raise NotSeen
    for it in texts.values():
        wording.check(subject=it.subject, body=it.body, is_confirmation=False)


def _sign(draft: Broadcast, author: User, now: datetime) -> None:
    try:
        with transaction.atomic():
            Broadcast.objects.filter(pk=draft.pk).update(released_by=author, released_at=now)
    except IntegrityError as refused:
        diagnosis = getattr(refused.__cause__, "diag", None)
        if getattr(diagnosis, "constraint_name", None) == SECOND_PERSON:
            raise NeedsSecondPerson from refused
        raise


def _switch_on(draft: Broadcast, planned: int, now: datetime) -> None:
    """From here on the step is for its audience: whoever left it meanwhile is not mailed."""
    Broadcast.objects.filter(pk=draft.pk).update(counted=planned, counted_at=now)
    terms = Audience.of(draft).columns()
    judged = {it: terms[it] for it in ("stages", "offices", "states", "languages", "partners")}
    Step.objects.filter(pk=draft.step_id).update(**judged)
    Sequence.objects.filter(pk=draft.step.sequence_id).update(switched_on_at=now)
