"""Staff write mails in a small language; what it can't say is refused in words, at once."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from candidates import wording

SUBJECT = "Filing closes on Friday"
HEADLINE = "# Filing closes on Friday\n"


def faults(body: str, *, subject: str = SUBJECT, is_confirmation: bool = False) -> list[str]:
    try:
        wording.check(subject=subject, body=body, is_confirmation=is_confirmation)
    except wording.Refused as refused:
        return [str(fault) for fault in refused.faults]
    return []


@pytest.mark.parametrize(
    "body",
    [
        "Hi {first_name|friend}, look.",
        "Hi { first_name | dear friend }, look.",
        "You think of {office|an office} in {state}, says {organisation}. {partner|We} agree.",
        "**Bold**, *emphasis*, and 100 % of it.",
        "1. one\n2. two\n\n- a\n- b\n\n## And\n\n[Look here](https://example.org/a?b=1&c=2#d)",
        "[Ask a friend]({share_link})\n\n{share_link}\n\n[home]({home_link}) [s]({sharing_link})",
        "AT&T said 2 < 3 > 1 and [brackets] stay (so do these).",
        "Windows\r\nhas its own line breaks.",
    ],
)
def test_a_text_that_can_be_sent_is_not_refused(body: str) -> None:
    assert faults(HEADLINE + body) == []


NO_FIELD = "There is no field {%s}."
ADDRESS = "A link leads to an address with https:// or to one of our fields."
HALF = "This link is not whole. Write [words](https://example.org/page)."
ALL_LINKS = "There are: {confirm_link}, {home_link}, {share_link}, {sharing_link}."
REFUSED = {
    "{firstname|x}": NO_FIELD % "firstname" + " Did you mean {first_name}?",
    "{Partner|x}": NO_FIELD % "Partner" + " Did you mean {partner}?",
    "[a]({confrim_link})": NO_FIELD % "confrim_link" + " Did you mean {confirm_link}?",
    "{first_name}": (
        "{first_name} may be empty. Say what stands there then, like {first_name|friend}."
    ),
    "{partner|}": "{partner} may be empty. Say what stands there then, like {partner|friend}.",
    "[a]({share_link|b})": "A link needs no words after |. Write {share_link}.",
    "{state": "A { or } stands alone. Write a field like {first_name|friend}.",
    "{{state}}": "A { or } stands alone. Write a field like {first_name|friend}.",
    "Look: {share_link}": (
        "Give a link words, like [Ask a friend]({share_link}), or a paragraph of its own."
    ),
    "[a](http://example.org)": "Write the link with https://, not http://.",
    "[a](javascript:alert(1))": f"{ADDRESS} {ALL_LINKS}",
    "[a](mailto:ada@example.org)": f"{ADDRESS} {ALL_LINKS}",
    "[a](share_link)": f"{ADDRESS} Did you mean {{share_link}}?",
    "[a](https://ada:secret@example.org)": f"{ADDRESS} {ALL_LINKS}",
    "[a](https://[)": f"{ADDRESS} {ALL_LINKS}",
    "[a](https://example.org/{state})": f"{ADDRESS} {ALL_LINKS}",
    "[a]({state})": f"{ADDRESS} {ALL_LINKS}",
    "[](https://example.org)": "A link needs words between [ and ].",
    "[a] (https://example.org)": HALF,
    "[a](https://example.org and more)": HALF,
    "[a](https://example.org": HALF,
    "<b>bold</b>": "HTML is not read here: take out <b>.",
    "<!-- gone -->": "HTML is not read here: take out <!-- gone -->.",
    "![a](https://example.org/a.png)": "Pictures can't be sent: most mail programs hide them.",
    "# Another": "A mail has one headline. Use ## here.",
    "### Small": "There is one size of heading: ##.",
    "##": "Write words after the #.",
    "## [a](https://example.org)": "A headline or heading can't be a link.",
    "- a\n  - b": "A list holds words only: no list, no heading inside it.",
    "- # a": "A list holds words only: no list, no heading inside it.",
    "hid\u202eden": "Take out the invisible character U+202E.",
    "nul\x00": "Take out the invisible character U+0000.",
    "\ue000": "Take out the invisible character U+E000.",
    "[a](https://example.org/pa\u200bge)": "Take out the invisible character U+200B.",
    "\u200fright to left": "Take out the invisible character U+200F.",
    "See HTTP://example.org": "Write the link with https://, not http://.",
    "{partner|http://example.org}": "Write the link with https://, not http://.",
}  # fmt: skip


@pytest.mark.parametrize("line", REFUSED)
def test_a_text_that_would_go_wrong_is_refused_with_what_to_do(line: str) -> None:
    assert faults(f"{HEADLINE}\nGood words.\n\n{line}") == [f"Line 5: {REFUSED[line]}"]


def test_all_faults_are_named_at_once_each_with_its_line() -> None:
    body = "preview: {x|y}\n\nno headline\n\nline\n[a](http://x.org) {b|c}\n\n<i>d</i>"

    assert [said.partition(":")[0] for said in faults(body, subject="{e|f}")] == [
        "There is no field {e}. There are",
        "Line 1",
        "Line 1",
        "Line 6",
        "Line 6",
        "Line 8",
    ]


def test_words_that_a_later_rule_refuses_can_still_be_read_as_they_were_sent() -> None:
    frame = {"base_url": "https://us.example", "organisation": "Us", "postal_address": "Here"}

    blank = wording.compiled(
        subject=SUBJECT, body=HEADLINE + "See http://example.org", language="en", **frame
    )

    assert "See http://example.org" in blank.text


@pytest.mark.parametrize(
    ("subject", "sentence"),
    [
        ("", "Write something here."),
        ("x" * 121, "Keep it under 120 characters; it has 121."),
        ("Look\nBcc: ada@example.org", "Write the subject on one line."),
        ("Look\rhere", "Write the subject on one line."),
        ("Look: {share_link}", "Words can stand here, no link."),
    ],
)
def test_a_subject_is_one_short_line(subject: str, sentence: str) -> None:
    assert faults(HEADLINE, subject=subject) == [sentence]


def test_a_text_has_a_headline_and_an_end() -> None:
    headline = "Begin with a headline: a line that starts with # and a space."

    assert faults("Hello") == [f"Line 1: {headline}"]
    assert faults(" \n ") == ["Line 1: Write something here."]
    assert faults("#\n\nHello") == ["Line 1: Write words after the #."]
    assert faults("x" * 20_001) == ["Line 1: Keep it under 20000 characters; it has 20001."]
    assert faults("preview: {home_link}\n" + HEADLINE) == ["Line 1: Words can stand here, no link."]


def test_only_a_confirmation_asks_to_confirm() -> None:
    asks = HEADLINE + "[Yes, it's me]({confirm_link})"

    assert faults(asks, is_confirmation=True) == []
    [unasked] = faults(asks)
    [unasking] = faults(HEADLINE, is_confirmation=True)
    assert unasked.endswith("Who gets this has confirmed already: take {confirm_link} out.")
    assert "Put the link to confirm into it" in unasking


def test_staff_who_work_in_spanish_read_what_is_wrong_in_spanish() -> None:
    with translation.override("es"):
        [said] = faults(HEADLINE + "{firstname|x}")

    assert said == "Línea 2: No existe el campo {firstname}. ¿Quisiste decir {first_name}?"


def test_every_field_is_explained_in_both_languages() -> None:
    for field in wording.FIELDS.values():
        with translation.override("es"):
            spanish = str(field.means)
        with translation.override("en"):
            assert str(field.means) != spanish


def test_the_docs_name_every_field_and_show_only_pictures_that_exist() -> None:
    docs = Path(settings.BASE_DIR, "docs")
    text = (docs / "mails.md").read_text()

    assert set(re.findall(r"\{(\w+)", text.partition("| field |")[2].partition("\n\n")[0])) == set(
        wording.FIELDS
    )
    assert [
        name for name in re.findall(r"\((screens/.*?)\)", text) if not (docs / name).exists()
    ] == []
