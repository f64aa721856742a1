"""The texts that come with this software: whole in both languages, and short enough for a phone."""

import re

import pytest

from candidates import wording
from tests.mail.test_compiling import SITE, ZOE

ALL = wording.shipped()
STEPS = [("confirmation", number) for number in (1, 2, 3)]
STEPS += [("welcome", number) for number in range(1, 8)]
TEXTS = {(text.sequence, text.number, text.language): text for text in ALL}
each = pytest.mark.parametrize(
    "text", ALL, ids=[f"{text.language}-{text.sequence}-{text.number}" for text in ALL]
)


def test_both_languages_have_every_step() -> None:
    assert sorted(TEXTS) == sorted((*step, language) for step in STEPS for language in ("en", "es"))
    assert len(ALL) == len(TEXTS)


@each
def test_a_shipped_text_could_have_been_saved_by_staff(text: wording.Shipped) -> None:
    wording.check(
        subject=text.subject, body=text.body, is_confirmation=text.sequence == "confirmation"
    )


@each
def test_a_shipped_subject_and_preview_fit_on_a_phone(text: wording.Shipped) -> None:
    first, _, _ = text.body.partition("\n")

    assert 0 < len(text.subject) <= 60
    assert first.startswith("preview: ")
    assert len(first) - len("preview: ") <= 90


@each
def test_a_shipped_text_asks_for_one_thing(text: wording.Shipped) -> None:
    """One button at the most, and a mail that is read in two minutes."""
    buttons = re.findall(r"^\[[^]]+\]\([^)]+\)$", text.body, re.MULTILINE)

    assert len(buttons) <= 1
    assert len(text.body.split()) <= 330


@pytest.mark.parametrize(("sequence", "number"), STEPS)
def test_spanish_says_what_english_says(sequence: str, number: int) -> None:
    english, spanish = (TEXTS[sequence, number, language] for language in ("en", "es"))

    def shape(text: wording.Shipped) -> list[str]:
        return [re.match(r"preview:|#*|\d\.|-|\[", line)[0] for line in text.body.splitlines()]

    def targets(text: wording.Shipped) -> list[str]:
        return re.findall(r"\]\((.*?)\)|^\{\w+\}$", text.body, re.MULTILINE)

    def fields(text: wording.Shipped) -> list[str]:
        return re.findall(r"\{\w+", text.body)

    assert shape(english) == shape(spanish)
    assert targets(english) == targets(spanish)
    assert fields(english) == fields(spanish)
    assert not re.search(r'"', spanish.subject + spanish.body)


@each
def test_a_shipped_text_reads_well_for_someone_we_know_nothing_of(text: wording.Shipped) -> None:
    blank = wording.compiled(subject=text.subject, body=text.body, language=text.language, **SITE)

    mail = wording.filled(blank=blank, words=ZOE | {"first_name": "", "office": "", "partner": ""})

    greeting = {"en": "Hi there,", "es": "Hola, "}[text.language]
    assert f"\n\n{greeting}" in mail.text
    assert not re.search(r" [,.:;!?]|,,|::|\(\)|\{|\}", mail.text)


def test_the_last_reminder_says_that_it_is_the_last() -> None:
    assert "the last time we ask" in TEXTS["confirmation", 3, "en"].body
    assert "la última vez que te preguntamos" in TEXTS["confirmation", 3, "es"].body
