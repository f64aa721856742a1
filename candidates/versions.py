"""What was ever said in a place: what changed from version to version, and how many got each."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.db.models import Count

from candidates import texts
from candidates.models import FollowUp, StepText

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Version:
    """One version, how many got it, and each line with how it came there: "+", "-" or ""."""

    text: StepText
    sent: int
    lines: list[tuple[str, str]]


def history(*, place: texts.Place) -> list[Version]:
    """Return the newest SHOWN versions, each beside the one before it."""
    found = list(texts.versions(place=place)[: SHOWN + 1])
    sent = sent_with(of=found)
    before: list[StepText | None] = [*found[1:], None]
    return [
        Version(text, sent.get(text.pk, 0), lines(older, text))
        for text, older in zip(found, before, strict=True)
    ][:SHOWN]


def sent_with(*, of: list[StepText]) -> dict[int, int]:
    """Return how many mails left with each of these texts, by its id."""
    sent = FollowUp.objects.filter(text__in=of, sent_at__isnull=False)
    return dict(sent.values("text").annotate(sent=Count("pk")).values_list("text", "sent"))


def lines(before: StepText | None, after: StepText) -> list[tuple[str, str]]:
    """Return the subject and each line of the later one, and those that it no longer has."""
    if not before:
        return [("", line) for line in _said(after)]
    return list(_changes(_said(before), _said(after)))


def _said(text: StepText) -> list[str]:
    return [] if text.is_withdrawal else [text.subject, *text.body.splitlines()]


def _changes(old: list[str], new: list[str]) -> Iterator[tuple[str, str]]:
    for kind, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new).get_opcodes():
        if kind == "equal":
            yield from (("", line) for line in new[new_from:new_to])
        else:
            yield from (("-", line) for line in old[old_from:old_to])
            yield from (("+", line) for line in new[new_from:new_to])
