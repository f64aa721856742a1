"""The words of a step, version by version: what was sent is what is shown."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from candidates import sequences, wording
from candidates.models import Step, StepText
from partners.models import Partner, User


class Outdated(Exception):
    """Somebody kept another version after these words were begun."""

    def __init__(self, newest: StepText) -> None:
        super().__init__(newest)
        self.newest = newest


class NotWithdrawn(Exception):
    """Nothing stands there, or nothing would be left to send in its place."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text stands: a step, a language, and whose people it is for; none: everybody's."""

    step: Step
    language: str
    partner: Partner | None = None


def versions(*, place: Place) -> QuerySet[StepText]:
    """Return what was ever said there, newest first."""
    texts = StepText.objects.filter(step=place.step, language=place.language, partner=place.partner)
    return texts.select_related("author").order_by("-version")


def check(*, place: Place, subject: str, body: str) -> None:
    """Raise wording.Refused unless these words can be sent there."""
    is_confirmation = place.step.sequence.is_for_unconfirmed
    wording.check(subject=subject, body=body, is_confirmation=is_confirmation)


def write(
    *, place: Place, subject: str, body: str, seen: int, author: User, now: datetime
) -> StepText | None:
    """Keep these words as a new version and return it; None where they are the newest already.

    `seen`: the version that its author began with, 0 for none. Raises wording.Refused, Outdated.
    """
    subject, body = subject.strip(), tidy(body)
    check(place=place, subject=subject, body=body)
    with transaction.atomic():
        _lock(place.step)
        newest = versions(place=place).first()
        if newest and (newest.subject, tidy(newest.body)) == (subject, body):
            return None
        if newest and newest.version != seen:
            raise Outdated(newest)
        version = newest.version + 1 if newest else 1
        return _keep(place, version, author, now, subject=subject, body=body)


def _lock(step: Step) -> None:
    """One colleague at a time writes the words of a step."""
    Step.objects.select_for_update(no_key=True).get(pk=step.pk)


def _keep(place: Place, version: int, author: User, now: datetime, **words: object) -> StepText:
    return StepText.objects.create(
        step=place.step,
        language=place.language,
        partner=place.partner,
        version=version,
        author=author,
        written_at=now,
        **words,
    )


def withdraw(*, place: Place, seen: int, author: User, now: datetime) -> StepText:
    """Send what is sent without these words, from now on; idempotent. Return the newest version.

    A mail that a worker has in hand still leaves in them. `seen`: the version that is withdrawn.
    Raises NotWithdrawn, Outdated.
    """
    with transaction.atomic():
        _lock(place.step)
        newest = versions(place=place).first()
        if not newest or not fallback(place=place):
            raise NotWithdrawn
        if newest.is_withdrawal:
            return newest
        if newest.version != seen:
            raise Outdated(newest)
        return _keep(place, newest.version + 1, author, now, is_withdrawal=True)


def fallback(*, place: Place) -> StepText | None:
    """Return what is sent where this place says nothing; None for the English of everybody."""
    current = sequences.current_texts(steps=[place.step])
    if place.partner:
        current = {key: it for key, it in current.items() if key[2] is None}
    else:
        current = {key: it for key, it in current.items() if key[1] != place.language}
    return sequences.text_for(
        texts=current, step=place.step, language=place.language, partner_id=None
    )


def tidy(body: str) -> str:
    """Return a body as it is kept, whichever line ends a browser sent."""
    return "\n".join(body.splitlines()).strip() + "\n"
