"""How well each word of a mail stands out, in light and in dark (WCAG 2.2, 1.4.3).

A browser isn't needed: a mail states its colours in its own attributes, and those of the dark
scheme for its classes. test_mails_in_browser.py asks a real one, and they agree.
"""

import re
from html.parser import HTMLParser
from typing import NamedTuple

ENOUGH = 4.5
VOID = {"meta", "br", "img", "hr", "link", "input"}
DARK = re.compile(r"@media \(prefers-color-scheme: dark\) \{(.*?)\n\}", re.DOTALL)
RULE = re.compile(r"\.([\w-]+) \{([^}]*)\}")
COLOUR = re.compile(r"(?:^|[;\s])(color|background-color):\s*(#[0-9a-f]{6})\b", re.IGNORECASE)


class Look(NamedTuple):
    """What an element shows its words in."""

    ink: str = "#000000"
    paper: str = "#ffffff"
    is_hidden: bool = False


class Page(HTMLParser):
    """Follows the colours down the tree, and notes where words are too faint."""

    def __init__(self, html: str, dark: dict[str, str]) -> None:
        super().__init__()
        self.dark = dark
        self.looks = [Look()]
        self.faint: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in VOID:
            return
        known = {name: value or "" for name, value in attrs}
        style = known.get("style", "")
        said = {"background-color": known["bgcolor"]} if "bgcolor" in known else {}
        said |= dict(COLOUR.findall(style))
        for name in known.get("class", "").split():
            said |= dict(COLOUR.findall(self.dark.get(name, "")))
        ink, paper, is_hidden = self.looks[-1]
        is_hidden |= "display: none" in style or tag in {"style", "title"}
        self.looks.append(
            Look(said.get("color", ink), said.get("background-color", paper), is_hidden)
        )

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            self.looks.pop()

    def handle_data(self, data: str) -> None:
        ink, paper, is_hidden = self.looks[-1]
        words = data.strip()
        if words and not is_hidden and ratio(ink, paper) < ENOUGH:
            self.faint.append(words)


def faint_words(html: str) -> list[str]:
    """Return what can't be read well, with the scheme it is in."""
    dark = "".join(DARK.findall(html))
    schemes = {"light": dict[str, str](), "dark": dict(RULE.findall(dark))}
    return [
        f"{words[:40]!r} is too faint in {scheme}"
        for scheme, rules in schemes.items()
        for words in Page(html, rules).faint
    ]


def ratio(one: str, other: str) -> float:
    """Return the contrast of two colours, from 1 to 21."""
    darker, lighter = sorted(_luminance(colour) for colour in (one, other))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(share: float) -> float:
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
