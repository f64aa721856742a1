"""The words of a step, version by version: what was sent is what is shown."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher

from django.db import transaction
from django.db.models import Count, QuerySet

from candidates import wording
from candidates.models import FollowUp, Step, StepText
from partners.models import Partner, User

SHOWN = 50


class Outdated(Exception):
    """Somebody kept another version after these words were begun."""

    def __init__(self, newest: StepText) -> None:
        super().__init__(newest)
        self.newest = newest


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text stands: a step, a language, and whose people it is for; none: everybody's."""

    step: Step
    language: str
    partner: Partner | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """One version, how many got it, and each line with how it came there: "+", "-" or ""."""

    text: StepText
    sent: int
    lines: list[tuple[str, str]]


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
        Step.objects.select_for_update(no_key=True).get(pk=place.step.pk)
        newest = versions(place=place).first()
        if newest and (newest.subject, tidy(newest.body)) == (subject, body):
            return None
        if newest and newest.version != seen:
            raise Outdated(newest)
        return StepText.objects.create(
            step=place.step,
            language=place.language,
            partner=place.partner,
            version=newest.version + 1 if newest else 1,
            subject=subject,
            body=body,
            author=author,
            written_at=now,
        )


def tidy(body: str) -> str:
    """Return a body as it is kept, whichever line ends a browser sent."""
    return "\n".join(body.splitlines()).strip() + "\n"


def history(*, place: Place) -> list[Version]:
    """Return the newest SHOWN versions, each beside the one before it."""
    found = list(versions(place=place)[: SHOWN + 1])
    sent = sent_with(texts=found)
    before: list[StepText | None] = [*found[1:], None]
    return [
        Version(text, sent.get(text.pk, 0), lines(older, text))
        for text, older in zip(found, before, strict=True)
    ][:SHOWN]


def sent_with(*, texts: list[StepText]) -> dict[int, int]:
    """Return how many mails left with each of these texts, by its id."""
    sent = FollowUp.objects.filter(text__in=texts, sent_at__isnull=False)
    return dict(sent.values("text").annotate(sent=Count("pk")).values_list("text", "sent"))


def lines(before: StepText | None, after: StepText) -> list[tuple[str, str]]:
    """Return the subject and each line of the later one, and those that it no longer has."""
    new = [after.subject, *after.body.splitlines()]
    if not before:
        return [("", line) for line in new]
    return list(_changes([before.subject, *before.body.splitlines()], new))


def _changes(old: list[str], new: list[str]) -> Iterator[tuple[str, str]]:
    for kind, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new).get_opcodes():
        if kind == "equal":
            yield from (("", line) for line in new[new_from:new_to])
        else:
            yield from (("-", line) for line in old[old_from:old_to])
            yield from (("+", line) for line in new[new_from:new_to])
