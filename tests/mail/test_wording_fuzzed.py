"""Whatever somebody types as a text, it is refused in words or becomes a whole, harmless mail."""

import re
import time
from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from candidates import wording
from tests.mail.test_compiling import SITE, ZOE

VOID = {"meta", "br"}
ATTRIBUTES = {
    "align",
    "bgcolor",
    "border",
    "cellpadding",
    "cellspacing",
    "charset",
    "class",
    "content",
}
ATTRIBUTES |= {"height", "href", "lang", "name", "role", "style", "valign", "width"}
TAME = [
    *("words", "<3", "a < b > c", "AT&T", "&lt;", '"q"', "it's", "100%", "%(s0)s", "%", "\\*", "`"),
    *("**bold**", "*em*", "*", "**", "_", "~", "é", "SLOTcontentSLOT", "javascript:alert(1)"),
    *(
        "{first_name|friend}",
        "{first_name|< 'x\"}",
        "{partner|%(s9)s}",
        "{state}",
        "{organisation}",
    ),
]
LINKS = ['[w](https://example.org/?a="1"&b=%41)', "[**w** <]({share_link})", "[w]({home_link})"]
WILD = [
    *(
        "{",
        "}",
        "[",
        "](",
        "[x](javascript:alert(1))",
        "[x](data:text/html,y)",
        "[x](//y)",
        "![x](y)",
    ),
    *("<b>", "<script", "{nobody}", "{share_link}", "{confirm_link}", "# ", "### ", "- ", "\t"),
    *("\r\n", "\x00", "\u202e", "\u2028", "\ue000", "\uf8ff", "\ud800", "[x](https://y.z\n)"),
]
some = st.sampled_from
line = st.builds(
    lambda mark, words: f"{mark}words {' '.join(words)}",
    some(["", "", "- ", "1. "]),
    st.lists(some(TAME + LINKS), max_size=8),
)
heading = st.lists(some(TAME), max_size=4).map(lambda words: f"## words {' '.join(words)}")
button = some(LINKS)
lines = st.lists(
    st.tuples(st.one_of(line, line, heading, button), some(["\n", "\n\n"])), max_size=9
)
subjects = st.lists(some(TAME), max_size=4).map(lambda words: f"Hello {' '.join(words)}")
tame = lines.map(lambda pairs: "# Hello\n\n" + "".join(f"{it}{end}" for it, end in pairs))
anything = st.one_of(
    st.lists(some(TAME + LINKS + WILD), max_size=30).map("".join),
    st.text(st.characters(codec=None), max_size=200),
)
HEADLINE = "# Hello\n\n"
wild = st.builds(
    lambda text, at, piece: HEADLINE + text[len(HEADLINE) : at] + piece + text[at:],
    tame,
    st.integers(len(HEADLINE), 200),
    some(WILD),
)
names = st.one_of(anything, some(["", "Zoë"])).map(
    lambda name: re.sub(r"[\ud800-\udfff]", "", name)
)


class Balance(HTMLParser):
    """Follows which elements are open, and where links lead."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=False)
        self.open: list[str] = []
        self.targets: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in {"script", "img", "form", "iframe", "svg"}
        assert {name for name, _value in attrs} <= ATTRIBUTES
        if tag == "a":
            self.targets.append(dict(attrs)["href"] or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        assert "<" not in data


def is_whole(blank: wording.Blank, *, first_name: str, partner: str) -> None:
    mail = wording.filled(blank=blank, words=ZOE | {"first_name": first_name, "partner": partner})

    page = Balance(mail.html)
    assert page.open == []
    assert all(target.startswith("https://") for target in page.targets)
    assert not re.search(r"[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", mail.subject)
    assert mail.text.count("https://run.example.org/unsubscribe/UNSUBSCRIBE/") == 1
    mail.html.encode()


@given(subject=subjects, body=tame, first_name=names, partner=names)
def test_a_text_by_the_rules_is_taken_and_becomes_a_whole_mail(
    subject: str, body: str, first_name: str, partner: str
) -> None:
    blank = wording.compiled(subject=subject, body=body, language="en", **SITE)

    is_whole(blank, first_name=first_name, partner=partner)


@settings(max_examples=400)
@given(
    subject=st.one_of(subjects, subjects, anything),
    body=st.one_of(wild, wild, wild, anything),
    first_name=names,
    partner=names,
)
@example(subject="a", body="# a\n\n" + "*a **b " * 2000, first_name="", partner="")
@example(subject="a", body="# a\n\n" + "[" * 9000 + "](" * 4000, first_name="", partner="")
@example(subject="a", body="# a\n\n" + "- " * 9000, first_name="", partner="")
@example(subject="a", body="# a\n\n" + "*a" * 4000 + "*" * 4000, first_name="", partner="")
def test_no_text_makes_a_broken_mail(
    subject: str, body: str, first_name: str, partner: str
) -> None:
    try:
        blank = wording.compiled(subject=subject, body=body, language="en", **SITE)
    except wording.Refused:
        return

    is_whole(blank, first_name=first_name, partner=partner)


@pytest.mark.parametrize("body", ["*a **b " * 2800, "[" * 19_000, "](a)[" * 3900, "> - 1. " * 2800])
def test_no_text_keeps_a_server_busy(body: str) -> None:
    """A text of the greatest length is read in a moment, whatever it is made of."""
    begun = time.process_time()

    with pytest.raises(wording.Refused):
        wording.check(subject="a", body=body, is_confirmation=False)

    assert time.process_time() - begun < 3  # measured: 0.2 to 1.1
