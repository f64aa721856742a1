"""What the form takes, what it says when it can't, and what it never does."""

import copy
from collections.abc import Callable

import pytest
from crispy_forms.utils import render_crispy_form
from django.utils import translation

from candidates.forms import SignUpForm, contact_wording, share_wording

LEAGUE = "The Invented League"


@pytest.fixture
def answers() -> dict[str, str]:
    return {
        "first_name": " Ada ",
        "last_name": "Example",
        "email": "ada@example.org",
        "zip_code": " 60601-1234 ",
        "phone": "(312) 555-0123",
        "office": "council",
        "timeline": "next_year",
        "motivation": "",
        "contact_consent": "on",
        "website": "",
    }


Answers = dict[str, str]
Saying = Callable[[Answers], dict[str, list[str]]]


@pytest.fixture
def saying() -> Saying:
    return lambda answers: dict(SignUpForm(answers).errors)


@pytest.mark.parametrize("typed", ["\u200b", "\u2800", "\u3164 \u202e", " . "])
def test_a_name_that_nobody_can_see_is_none(answers: Answers, saying: Saying, typed: str) -> None:
    """It would stand on the desk's list as a link that can't be found."""
    assert saying(answers | {"first_name": typed}) == {"first_name": ["Enter your first name."]}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("\u202egro.elpmaxe//:sptth", "gro.elpmaxe//:sptth"),
        ("Ada\r\nBcc: sam@example.net", "Ada Bcc: sam@example.net"),
        ("Mar\u00eda  Jos\u00e9", "Mar\u00eda Jos\u00e9"),
        ("\u0646\u0645\u200c\u06cc", "\u0646\u0645\u200c\u06cc"),
    ],
)
def test_a_name_is_one_line_that_reads_as_it_was_written(
    answers: Answers, typed: str, kept: str
) -> None:
    form = SignUpForm(answers | {"last_name": typed})

    assert form.is_valid()
    assert form.cleaned_data["last_name"] == kept


def test_good_answers_are_cleaned_and_nothing_else_is_handed_on(answers: Answers) -> None:
    form = SignUpForm(answers)

    assert form.is_valid()
    assert form.cleaned_data == {
        "first_name": "Ada",
        "last_name": "Example",
        "email": "ada@example.org",
        "zip_code": "60601",
        "phone": "+13125550123",
        "office": "council",
        "timeline": "next_year",
        "motivation": "",
        "contact_consent": True,
        "share_consent": False,
    }


@pytest.mark.parametrize(
    ("name", "typed", "says"),
    [
        ("first_name", " ", "Enter your first name."),
        ("last_name", "x" * 81, "Shorten this to 80 characters."),
        ("email", "ada@", "Enter an e-mail address we can reach you at, like name@example.org."),
        ("zip_code", "0000", "Enter the ZIP code of your home, like 60601."),
        ("zip_code", "00000", "Enter the ZIP code of your home, like 60601."),
        (
            "phone",
            "555",
            "Enter a phone number with its area code, like 312-555-0123, or leave this empty.",
        ),
        ("office", "king", "Choose what you would run for. “Not sure yet” is a good answer."),
        ("timeline", "", "Choose when you would run. “Just exploring” is a good answer."),
        ("motivation", "x" * 1001, "Shorten this to 1000 characters."),
        ("contact_consent", "", "Tick this box, or we have no way to get back to you."),
    ],
)
def test_a_mistake_says_what_to_do(
    answers: Answers, saying: Saying, name: str, typed: str, says: str
) -> None:
    assert saying(answers | {name: typed}) == {name: [says]}


def test_a_new_line_counts_as_one_character_as_in_the_browser(
    answers: Answers, saying: Saying
) -> None:
    assert saying(answers | {"motivation": "x\r\n" * 500}) == {}


def test_a_null_character_is_refused_in_words(answers: Answers, saying: Saying) -> None:
    assert set(saying(answers | {"first_name": "A\x00da"})) == {"first_name"}


def test_without_a_partner_nobody_is_asked_to_share(answers: Answers) -> None:
    form = SignUpForm(answers | {"share_consent": "on"})

    assert form.is_valid()
    assert form.cleaned_data["share_consent"] is False
    assert "share_consent" not in form.fields


def test_sharing_is_asked_in_the_words_that_are_kept(answers: Answers) -> None:
    form = SignUpForm(answers | {"share_consent": "on"}, partner_name=LEAGUE)

    assert form.is_valid()
    assert form.cleaned_data["share_consent"] is True
    organisation = "Run for Something (demo)"
    html = render_crispy_form(form)
    assert share_wording(organisation, LEAGUE) in html
    assert contact_wording(organisation) in html


def test_a_partner_of_one_person_is_never_shown_to_another() -> None:
    SignUpForm(partner_name=LEAGUE)

    assert LEAGUE not in render_crispy_form(SignUpForm(partner_name="Young Example"))
    assert "share_consent" not in render_crispy_form(SignUpForm())


def test_a_mistake_of_one_person_leaves_no_mark_on_the_form_of_the_next(answers: Answers) -> None:
    blank = render_crispy_form(SignUpForm())
    render_crispy_form(SignUpForm({}))

    assert render_crispy_form(SignUpForm()) == blank
    assert "is-invalid" not in blank


def test_a_copied_field_shares_what_never_changes_and_nothing_else() -> None:
    field = SignUpForm.base_fields["office"]

    twin = copy.deepcopy(field)

    assert twin.choices is field.choices
    assert twin.widget is not field.widget
    assert twin.widget.attrs is not field.widget.attrs


def test_the_labels_follow_the_language_of_the_reader() -> None:
    with translation.override("es"):
        render_crispy_form(SignUpForm())
    with translation.override("en"):
        html = render_crispy_form(SignUpForm())

    assert "First name" in html
    assert "School board" in html


def test_a_person_taken_for_a_robot_finds_the_bait_emptied_for_the_next_try(
    answers: Answers,
) -> None:
    form = SignUpForm(answers | {"website": "http://example.org"})

    assert set(form.errors) == {"__all__"}
    html = render_crispy_form(form)
    assert form.non_field_errors()[0] in html
    assert "http://example.org" not in html


def test_the_box_sends_whom_it_named() -> None:
    html = render_crispy_form(SignUpForm(partner_name=LEAGUE, partner_id=41))

    assert 'value="41"' in html


def test_an_address_may_fill_in_answers_but_no_consent() -> None:
    assert set(SignUpForm.base_fields) - set(SignUpForm.PREFILLED) == {
        "contact_consent",
        "share_consent",
        "website",
    }
