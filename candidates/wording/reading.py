"""From what somebody typed to what it says: fields found, Markdown read, structure understood."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from django.utils.translation import gettext
from markdown_it import MarkdownIt
from markdown_it.token import Token

from candidates.wording.faults import Fault, suggestion
from candidates.wording.fields import FIELDS, Mention, Mentions

PREVIEW: Final = re.compile(r"preview:[ \t]*(.*)", re.IGNORECASE)
MENTION: Final = re.compile(r"\{([^{}\n]*)\}")
SENTENCE: Final = re.compile(r".*?[.!?…](?=\s|$)", re.DOTALL)
ITEM_LEVEL: Final = 3  # how deep the words of a list's item lie among the tokens
LISTS: Final = {"ordered_list_open": "numbers", "bullet_list_open": "bullets"}
BREAKS: Final = ("softbreak", "hardbreak")


class Markdown(MarkdownIt):
    """Only the rules we want. Where links may lead, checking.py says, in words."""

    def __init__(self) -> None:
        super().__init__("zero")
        self.enable(["heading", "list", "emphasis", "link", "escape", "newline"])

    def validateLink(self, url: str) -> bool:  # noqa: ARG002, N802
        return True

    def normalizeLink(self, url: str) -> str:  # noqa: N802
        return url


@dataclass
class Block:
    """One thing below another: what it is, on which line it begins, and its words.

    A list has an item for each entry, everything else has one item.
    """

    kind: str
    line: int
    items: list[list[Token]] = field(default_factory=list)
    first: int = 1
    is_nested: bool = False


@dataclass(frozen=True)
class Reading:
    """A text as it was understood; one with faults is only good for being refused."""

    subject: str
    preview: str
    blocks: list[Block]
    mentions: Mentions
    faults: list[Fault]


def read(*, subject: str, body: str) -> Reading:
    """Read a text, and whatever stands in it, to the end: the faults are found all at once."""
    mentions, faults = Mentions(), list[Fault]()
    subject = _with_mentions(unix_lines(subject.strip()), "subject", mentions, faults)
    body = _with_mentions(unix_lines(body), "body", mentions, faults)
    first, _, rest = body.partition("\n")
    said = PREVIEW.fullmatch(first)
    blocks = list(_blocks(Markdown().parse("\n" + rest if said else body)))
    for block in blocks:
        block.kind = _kind(block, mentions)
    preview = said[1].strip() if said else _first_sentence(blocks)
    return Reading(subject, preview, blocks, mentions, faults)


def unix_lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def plain(tokens: list[Token]) -> str:
    """The words alone."""
    return "".join("\n" if token.type in BREAKS else token.content for token in tokens)


def _with_mentions(text: str, part: str, mentions: Mentions, faults: list[Fault]) -> str:
    def character(found: re.Match[str]) -> str:
        name, bar, fallback = (word.strip() for word in found[1].partition("|"))
        if sentence := _wrong_mention(name, fallback, has_fallback=bool(bar)):
            line = text.count("\n", 0, found.start()) + 1
            faults.append(Fault(part, line, sentence))
            return Mentions.UNKNOWN
        return mentions.character(Mention(name, fallback))

    return MENTION.sub(character, text)


def _wrong_mention(name: str, fallback: str, *, has_fallback: bool) -> str | None:
    known = FIELDS.get(name)
    facts = {"field": name, "fallback": fallback}
    if not known:
        there_is_none = gettext("There is no field {%(field)s}.") % facts
        return f"{there_is_none} {suggestion(name, FIELDS)}"
    if known.is_link and has_fallback:
        return gettext("A link needs no words after |. Write {%(field)s}.") % facts
    if known.may_be_empty and not fallback:
        return (
            gettext(
                "{%(field)s} may be empty. Say what stands there then, like {%(field)s|friend}."
            )
            % facts
        )
    return None


def _blocks(tokens: list[Token]) -> Iterator[Block]:
    """Gather the parser's flat tokens into blocks. A list in a list is marked, to be refused."""
    gathered: Block | None = None
    for opener, token in pairwise([Token("", "", 0), *tokens]):
        if token.type in LISTS and token.level == 0:
            gathered = Block(
                LISTS[token.type], _line(token), first=int(token.attrs.get("start", 1))
            )
            yield gathered
        elif token.type == "list_item_open" and gathered and token.level == 1:
            gathered.items.append([])
        elif token.type == "inline" and token.level == 1:
            yield Block(opener.tag, _line(token), [token.children or []])
        elif token.type == "inline" and gathered:
            gathered.is_nested |= token.level > ITEM_LEVEL or opener.type == "heading_open"
            parting = [Token("hardbreak", "br", 0)] if gathered.items[-1] else []
            gathered.items[-1] += [*parting, *(token.children or [])]


def _line(token: Token) -> int:
    return token.map[0] + 1 if token.map else 1


def _kind(block: Block, mentions: Mentions) -> str:
    if block.kind != "p":
        return block.kind
    tokens = block.items[0]
    if plain(tokens) in mentions.links() and len(tokens) == 1:
        return "address"
    opened = [token for token in tokens if token.type == "link_open"]
    is_one_link = len(opened) == 1 and tokens[0] is opened[0] and tokens[-1].type == "link_close"
    return "button" if is_one_link else "p"


def _first_sentence(blocks: list[Block]) -> str:
    """The first sentence of the first paragraph that doesn't end as a greeting does."""
    for block in blocks:
        words = " ".join(plain(block.items[0]).split()) if block.kind == "p" else ""
        if words and not words.endswith((",", ":")):
            found = SENTENCE.match(words)
            return found[0] if found else words
    return ""
