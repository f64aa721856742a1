"""The Spanish of this site: all of it, the same facts as in English, and what the site reads."""

import re
from pathlib import Path

import pytest
from django.utils import translation

from candidates.models import FollowUp
from candidates.signup import Answers
from tests import catalogue, mails
from tests.catalogue import Entry
from tests.conftest import SignUp

# What must come through a translation unharmed.
FIXED = re.compile(r"%\(\w+\)[sd]|%%|</?\w+[^>]*>|(?:staff|organiser)@example\.org")
ENTRIES = catalogue.entries()


def test_whatever_the_source_says_is_in_the_catalogue_and_nothing_else():
    said = {entry.key for entry in ENTRIES}

    assert (catalogue.wanted() - said, said - catalogue.wanted()) == (set(), set())


def test_nothing_is_left_untranslated_or_guessed():
    assert [it.key for it in ENTRIES if not all(it.spanish) or "fuzzy" in it.flags] == []


def test_every_number_name_and_link_comes_through():
    def fixed(text: str) -> list[str]:
        return sorted(FIXED.findall(text))

    def is_kept(entry: Entry) -> bool:
        wanted = [fixed(text) for text in entry.english]
        return fixed(entry.spanish[-1]) == wanted[-1] and fixed(entry.spanish[0]) == wanted[0]

    assert [entry.key for entry in ENTRIES if not is_kept(entry)] == []


def test_every_plural_has_its_three_forms():
    assert {len(entry.spanish) for entry in ENTRIES if len(entry.english) == 2} == {3}


def test_the_site_reads_what_the_translator_wrote():
    assert catalogue.compiled() == {entry.key: entry.spanish for entry in ENTRIES}


def test_the_catalogue_names_no_machine_and_no_moment():
    text = (catalogue.FILES / "django.po").read_text()

    assert re.findall(r"^#: /.*|.*-Date:.*|.*Translator:.*", text, re.MULTILINE) == []


@pytest.mark.parametrize("place", mails.SHIPPED)
def test_a_spanish_subject_fits_on_a_phone(place: tuple[str, int], ada: Answers, sign_up: SignUp):
    candidate = sign_up(ada)
    candidate.language = "es"

    letter = mails.written(FollowUp(candidate=candidate, step=mails.step(place)))

    assert len(letter.subject) <= 60


def test_the_pieces_around_a_number_read_as_one_sentence():
    with translation.override("es"):
        before = translation.gettext("Thank you. You’re one of")
        after = translation.pgettext("after a number of people", "today.")

    assert (
        f"{before} 7 {after}" == "Gracias. Eres una de las 7 personas que hoy levantaron la mano."
    )


def test_a_sentence_that_is_asked_for_in_a_new_file_is_noticed(tmp_path: Path):
    python = tmp_path / "new.py"
    python.write_text(
        "from django.utils.translation import ngettext, pgettext_lazy as p\n"
        'p("a place", "Here")\nngettext("One " "hand", "%s hands", 2)\n'
    )
    (tmp_path / "templates").mkdir()
    template = tmp_path / "templates" / "new.html"
    template.write_text('{% include "x" with y=_("Day") %}{% translate "It’s \'so\'" %}')

    assert [*catalogue._of_python(python), *catalogue._of_template(template)] == [
        ("a place", "Here"),
        ("", "One hand"),
        ("", "Day"),
        ("", "It’s 'so'"),
    ]
