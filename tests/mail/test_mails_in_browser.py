"""Every mail in a real browser: nothing too faint, nothing too wide, nothing fetched."""

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page

from candidates import wording
from tests.browser.looking import axe, keep
from tests.mail.test_compiling import SITE, ZOE

pytestmark = pytest.mark.browser

RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    }
}
EVERYTHING = """preview: All that the small language can say.
# {organisation} and a headline that is longer than a line on a phone, {first_name|friend}

Hi {first_name|friend},
a line, **bold**, *emphasis*, and [a link](https://example.org/a) of its own in a sentence.

[Ask a friend with quite a long name to run for something]({share_link})

{share_link}

## A heading with **weight**

1. **First.**
   Then what follows from it, over more than one line of a phone.
10. Ten.

- {partner|us}
- {office|an office}
"""
BROAD = {"partner": "Neighbors " * 6, "share_link": f"https://run.example.org/r/{'x' * 80}"}
Show = Callable[[str, int, str], Page]


@pytest.fixture
def show(chromium: Browser) -> Iterator[Show]:
    """Opens a mail at a width, in light or dark; a mail that asks for anything fails."""
    pages: list[Page] = []
    asked: list[str] = []

    def opened(html: str, width: int, scheme: str) -> Page:
        page = chromium.new_page(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,  # type: ignore[arg-type]
        )
        pages.append(page)
        page.on("request", lambda request: asked.append(request.url))
        page.set_content(html)
        return page

    yield opened

    for page in pages:
        page.close()
    assert asked == []


def html_of(body: str, *, language: str = "en") -> str:
    blank = wording.compiled(subject="Hello", body=body, language=language, **SITE)
    return wording.filled(blank=blank, words=ZOE | BROAD).html


def found(page: Page) -> list[str]:
    response = axe(page, RULES)
    unsure = [rule for rule in response["incomplete"] if rule["id"] == "color-contrast"]
    return [rule["id"] for rule in [*response["violations"], *unsure]]


def overflow(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


@pytest.mark.parametrize("width", [320, 360, 640])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_all_that_a_mail_can_hold_is_readable(
    width: int, scheme: str, language: str, show: Show
) -> None:
    page = show(html_of(EVERYTHING, language=language), width, scheme)

    assert found(page) == []
    assert overflow(page) <= 0


def test_no_shipped_mail_scrolls_sideways(show: Show) -> None:
    """What they are made of, the test above looks at more closely."""
    texts, wide = wording.shipped(), []

    for text in texts:
        page = show(html_of(text.body, language=text.language), 640, "light")
        for width in (640, 360, 320):
            page.set_viewport_size({"width": width, "height": 900})
            wide += [(text.subject, width)] if overflow(page) > 0 else []
        page.close()

    assert (len(texts), wide) == (20, [])


@pytest.mark.parametrize("width", [360, 640])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_mails_that_the_docs_show_are_readable(width: int, scheme: str, show: Show) -> None:
    pictures = {
        "mail-confirmation": ("confirmation", 1, "en"),
        "mail-last-reminder-es": ("confirmation", 3, "es"),
        "mail-welcome-1": ("welcome", 1, "en"),
        "mail-welcome-2": ("welcome", 2, "en"),
        "mail-welcome-4-es": ("welcome", 4, "es"),
    }
    texts = {it[:3]: it for it in wording.shipped()}
    site = SITE | {"organisation": settings.ORGANISATION}

    for name, which in pictures.items():
        subject, body = texts[which][3:]
        blank = wording.compiled(subject=subject, body=body, language=which[2], **site)
        page = show(wording.filled(blank=blank, words=ZOE).html, width, scheme)
        keep(page, name)
        assert found(page) == [], name


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_button_is_as_large_as_a_thumb(scheme: str, show: Show) -> None:
    button = show(html_of(EVERYTHING), 360, scheme).get_by_role("link", name="Ask a friend")

    box = button.bounding_box()

    assert box is not None
    assert box["height"] >= 48
    assert box["width"] > 250


@pytest.mark.parametrize(
    ("scheme", "ink", "faint"),
    [("light", "color: #404c5c", "color: #a4acb8"), ("dark", "color: #bec8d6", "color: #4c5668")],
)
def test_a_faint_footer_is_found(scheme: str, ink: str, faint: str, show: Show) -> None:
    html = html_of(EVERYTHING)
    assert ink in html

    assert found(show(html.replace(ink, faint), 360, scheme)) == ["color-contrast"]
