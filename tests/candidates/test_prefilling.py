"""Answers that an address fills in: from memory, and to the byte what the form would have shown."""

import pytest
from django.test import Client
from django.utils import translation
from hypothesis import example, given, settings
from hypothesis import strategies as st

from candidates.forms import SignUpForm
from candidates.models.candidates import Office, Timeline
from candidates.views import home, sheet
from partners.links import Link
from partners.models import Drive, ReferralLink

TEXTS = [name for name in SignUpForm.PREFILLED if name not in ("office", "timeline")]
ODD = [
    *('"', "'", "<", ">", "&", "&quot;", "&amp;", "\0", "\r\n", "\n", " ", "\\", "%s", "{{ x }}"),
    *("</textarea>", '"><script>', ' value="x"', 'name="email"', "name=&quot;zip_code&quot;"),
    *(f'name="{name}"' for name in SignUpForm.PREFILLED),
    *("name=zip_code", "office", "council", " checked", "É", "\u202e", "\ufffd", "😀"),
]
words = st.one_of(st.text(max_size=40), st.lists(st.sampled_from(ODD), max_size=6).map("".join))
LONG = '<&"' * 20_000


def choices(values: list[str]) -> st.SearchStrategy[str]:
    return st.sampled_from([*values, *(f'{value}" id="' for value in values[:2]), *ODD, ""])


def has_words(known: dict[str, str]) -> bool:
    """Crispy squeezes spaces between tags, so it can't show a text of nothing else."""
    return not known.get("motivation", "").isspace()


answers = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(TEXTS, words)
    | {"office": choices(Office.values), "timeline": choices(Timeline.values)},
).filter(has_words)
partners = st.sampled_from(["Example Teachers", "\"'><&", 'name="first_name"', "</textarea>"])
links = st.none() | st.builds(Link, st.just(1), st.just("a"), st.just(7), partners, st.just("b"))


@settings(max_examples=300, deadline=None)
@given(
    known=answers,
    link=links,
    options=st.sampled_from([{}, {"action": ""}]),
    language=st.sampled_from(["en", "es"]),
)
@example(known=dict.fromkeys(SignUpForm.PREFILLED, LONG), link=None, options={}, language="en")
@example(known=dict.fromkeys(SignUpForm.PREFILLED, ""), link=None, options={}, language="es")
@example(known={"office": "king", "timeline": "\0"}, link=None, options={}, language="es")
@example(
    known=dict(zip(SignUpForm.PREFILLED, ODD, strict=False)) | {"office": "not_sure"},
    link=Link(1, "a", 7, "Example Teachers", "b"),
    options={"action": ""},
    language="es",
)
def test_what_is_put_into_the_blank_form_is_what_crispy_would_have_shown(
    known: dict[str, str], link: Link | None, options: dict[str, str], language: str
) -> None:
    with translation.override(language):
        blank = sheet.blank(language, link, **options)
        shown = sheet.html(sheet.form(link, initial=known, **options))

    assert sheet.filled_in(blank.encode(), known) == shown.encode()


@pytest.mark.parametrize("name", SignUpForm.PREFILLED)
def test_each_field_has_one_place_on_the_whole_page(
    client: Client, drive: Drive, name: str
) -> None:
    value = {"office": "council", "timeline": "later"}.get(name, "x")
    place, _filled = sheet._place(name, value)

    assert client.get("/").text.count(place) == 1


@pytest.mark.parametrize("path", ["/", "/es/"])
def test_a_filled_in_page_is_the_page_of_a_filled_in_form(
    client: Client, drive: Drive, link: ReferralLink, path: str
) -> None:
    client.get("/r/teach-ig")
    known = {"first_name": '"><b>Ada', "motivation": "</textarea>", "office": "county"}
    came = Link(link.id, link.code, link.partner_id, link.partner.name, link.label)
    with translation.override("es" if path == "/es/" else "en"):
        blank, shown = (sheet.html(sheet.form(came, initial=answers)) for answers in ({}, known))

    page = client.get(path).text

    assert page.count(blank) == 1
    assert client.get(path, known).text == page.replace(blank, shown)


def test_a_filled_in_page_is_kept_by_nobody_and_costs_no_query(
    client: Client, drive: Drive, django_assert_num_queries, monkeypatch
) -> None:
    client.get("/")
    monkeypatch.setattr(home, "render_to_string", None)
    monkeypatch.setattr(sheet, "render_crispy_form", None)

    with django_assert_num_queries(0):
        page = client.get("/?first_name=Ada")

    assert 'value="Ada"' in page.text
    assert page["Cache-Control"] == "private, no-store"
    assert "Ada" not in client.get("/").text


def test_no_address_fills_in_a_consent_the_bait_or_a_choice_that_is_none(
    client: Client, drive: Drive, link: ReferralLink
) -> None:
    client.get("/r/teach-ig")
    blank = client.get("/").text

    for query in ("contact_consent=on", "share_consent=on", "website=x", "office=king", "email="):
        assert client.get(f"/?{query}").text == blank
