"""A text as plain text: the part of a mail that every program and every reader can use."""

import re
import textwrap
from typing import Final

from markdown_it.token import Token

from candidates.wording import reading
from candidates.wording.reading import Block

LINE_WIDTH: Final = 72
LONGEST: Final = 78
MARKER: Final = re.compile(r"(\d+\.|-) ")


def told(blocks: list[Block]) -> str:
    """Return the words of all blocks. Links follow the paragraph they stand in."""
    return "\n\n".join(_told(block) for block in blocks)


def wrapped(text: str) -> str:
    """Wrap every line, indent what continues an item of a list, leave addresses whole."""
    lines = []
    for line in re.sub(r"\n{3,}", "\n\n", text).split("\n"):
        marker = MARKER.match(line)
        wrapped_line = textwrap.wrap(
            line.strip(),
            LINE_WIDTH,
            subsequent_indent=" " * len(marker[0]) if marker else "",
            break_long_words=False,
            break_on_hyphens=False,
        )
        lines += wrapped_line or [""]
    return "\n".join(lines)


def fitted(text: str) -> str:
    """Wrap anew what the words that were filled in made too long (RFC 5322, 2.1.1: 78)."""
    return "\n".join(
        _wrapped_again(line) if len(line) > LONGEST and " " in line.strip() else line
        for line in text.split("\n")
    )


def _wrapped_again(line: str) -> str:
    indent = line[: len(line) - len(line.lstrip())]
    return textwrap.fill(
        line,
        LINE_WIDTH,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _told(block: Block) -> str:
    if block.kind == "button":
        return "".join(_links(block.items[0]))
    entries = [
        "\n\n".join([_marker(block, number) + _words(block, tokens), *_links(tokens)])
        for number, tokens in enumerate(block.items, start=block.first)
    ]
    is_close = block.kind == "bullets" and not any("\n" in entry for entry in entries)
    return ("\n" if is_close else "\n\n").join(entries)


def _marker(block: Block, number: int) -> str:
    return {"numbers": f"{number}. ", "bullets": "- "}.get(block.kind, "")


def _words(block: Block, tokens: list[Token]) -> str:
    """An item of a list stays on one line, to be wrapped under its marker."""
    words = reading.plain(tokens)
    return " ".join(words.split()) if block.kind in {"numbers", "bullets"} else words


def _links(tokens: list[Token]) -> list[str]:
    """Each link's words, and below them its address on a line of its own."""
    found: list[str] = []
    begun = 0
    for number, token in enumerate(tokens):
        if token.type == "link_open":
            begun = number
        elif token.type == "link_close":
            words = " ".join(reading.plain(tokens[begun:number]).split())
            colon = "" if words.endswith((":", "?", "!", ".", "…")) else ":"
            found.append(f"{words}{colon}\n{tokens[begun].attrs['href']}")
    return found
