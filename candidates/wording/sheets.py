"""A text as HTML: its words marked up here, its blocks laid out by templates."""

from collections.abc import Iterator
from typing import Any, Final

from django.template import Context, Engine
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from markdown_it.token import Token

from candidates.wording.reading import Block

MARKS: Final = {
    "strong_open": "<strong>",
    "strong_close": "</strong>",
    "em_open": "<em>",
    "em_close": "</em>",
    "link_close": "</a>",
    "softbreak": "<br>\n",
    "hardbreak": "<br>\n",
}


def told(blocks: list[Block]) -> str:
    """Return the HTML of all blocks. Whatever was typed is escaped."""
    context = Context({"blocks": [_shown(block) for block in blocks]})
    return Engine.get_default().get_template("candidates/emails/_blocks.html").render(context)


def marked(tokens: list[Token]) -> SafeString:
    """Return the HTML of some words. The parser gives us tokens that open and close in pairs."""
    return mark_safe("".join(_marked(tokens)))  # noqa: S308 - each piece is escaped in _marked


def _marked(tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type == "link_open":
            address = escape(token.attrs["href"])
            yield f'<a href="{address}" style="color: inherit; font-weight: 700;">'
        else:
            yield MARKS.get(token.type) or escape(token.content)


def _shown(block: Block) -> dict[str, Any]:
    """What the template of a block needs. The label of a button is its words, unlinked."""
    if block.kind == "button":
        opened, *label, _closed = block.items[0]
        return {"kind": "button", "url": opened.attrs["href"], "label": marked(label)}
    items = [marked(tokens) for tokens in block.items]
    return {"kind": block.kind, "items": items, "steps": list(enumerate(items, block.first))}
