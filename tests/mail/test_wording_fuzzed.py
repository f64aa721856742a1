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
PIECES = [
    *"#*_-+.()[]{}<>|\\!&%'\"`~:=/\n\t 1a",
    *("\n\n", "# ", "## ", "1. ", "- ", "  - ", "**", "](", "![", "\r\n", "preview: ", "&lt;"),
    *("{first_name|friend}", "{partner|us}", "{state}", "{share_link}", "{confirm_link}"),
    *("https://example.org/", "javascript:alert(1)", "data:text/html,x", "<script>", "%(s0)s"),
    *("é", "\u202e", "\u2028", "\x00", "\ue000", "\ud800", "SLOTcontentSLOT", "](https://a.b)"),
]
markdown = st.lists(st.sampled_from(PIECES), max_size=60).map("".join)
anything = st.one_of(markdown, st.text(st.characters(codec=None), max_size=200))
bodies = st.one_of(anything, anything.map("# Hello\n\n{}".format))
names = st.one_of(anything, st.just("")).map(lambda name: re.sub(r"[\ud800-\udfff]", "", name))


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
        assert not [name for name, _value in attrs if name.startswith("on")]
        if tag == "a":
            self.targets.append(dict(attrs)["href"] or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        assert "<" not in data


@settings(deadline=None)
@given(subject=anything, body=bodies, first_name=names, partner=names)
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

    mail = wording.filled(blank=blank, words=ZOE | {"first_name": first_name, "partner": partner})

    page = Balance(mail.html)
    assert page.open == []
    assert all(target.startswith("https://") for target in page.targets)
    assert not re.search(r"[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", mail.subject)
    assert mail.text.count("https://run.example.org/unsubscribe/UNSUBSCRIBE/") == 1
    mail.html.encode()


@pytest.mark.parametrize("body", ["*a **b " * 2800, "[" * 19_000, "](a)[" * 3900, "> - 1. " * 2800])
def test_no_text_keeps_a_server_busy(body: str) -> None:
    """A text of the greatest length is read in a moment, whatever it is made of."""
    begun = time.process_time()

    with pytest.raises(wording.Refused):
        wording.check(subject="a", body=body, is_confirmation=False)

    assert time.process_time() - begun < 3  # measured: 0.2 to 1.1
