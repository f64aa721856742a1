"""Whether a text can be sent: what is refused is refused when it is saved, in words."""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Final
from urllib.parse import urlsplit

from django.utils.translation import gettext
from markdown_it.token import Token

from candidates.wording import reading
from candidates.wording.faults import Fault, Refused, suggestion
from candidates.wording.fields import LINKS, Mentions
from candidates.wording.reading import BREAKS, Block, Reading

LONGEST_SUBJECT: Final = 120
LONGEST_BODY: Final = 20_000
CONTROLS: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\uf8ff\ufeff]"
)
# What comes along from other programs, unseen, and breaks a link or turns a line around.
MARKS: Final = re.compile(r"[\u061c\u180e\u200b\u200e\u200f\u2060-\u206f\ufff9-\ufffb]")
TAG: Final = re.compile(r"</?[a-z!][^<>\n]*>", re.IGNORECASE)
PICTURE: Final = re.compile(r"!\[")
HALF_A_LINK: Final = re.compile(r"\]\s?\(")
END: Final = Token("", "", 0)
HOST: Final = re.compile(r"[\w-]+(\.[\w-]+)+(:\d+)?")


def check(*, subject: str, body: str, is_confirmation: bool) -> None:
    """Raise Refused, with every fault of the text, unless it can be sent.

    Before somebody confirmed, the one thing they are asked is to confirm: so that text must have
    the link for it, and no other text may. What is unwise is refused here and not in `understand`:
    what was kept before that rule can still be sent, and read as it was sent.
    """
    understood = understand(subject=subject, body=body)
    if faults := list(_about_lines(subject, body, _unwise)):
        raise Refused(faults)
    links = {mention.field for mention in understood.mentions.known}
    if is_confirmation and "confirm_link" not in links:
        sentence = gettext("Put the link to confirm into it, like [Yes, it's me]({confirm_link}).")
        raise Refused([Fault("body", 1, sentence)])
    if not is_confirmation and "confirm_link" in links:
        sentence = gettext("Who gets this has confirmed already: take {confirm_link} out.")
        raise Refused([Fault("body", 1, sentence)])


def understand(*, subject: str, body: str) -> Reading:
    """Read a text without a fault. What isn't even plain text is refused before it is parsed."""
    if faults := [*_about_size(subject, body), *_about_lines(subject, body, _invisible)]:
        raise Refused(faults)
    understood = reading.read(subject=subject, body=body)
    faults = [
        *understood.faults,
        *_about_lines(subject, body, _wrong_signs),
        *_about_subject(understood),
        *_about_structure(understood.blocks),
        *(fault for block in understood.blocks for fault in _about_words(block, understood)),
    ]
    if faults:
        raise Refused(faults)
    return understood


def _about_size(subject: str, body: str) -> Iterator[Fault]:
    for part, text, longest in (
        ("subject", subject, LONGEST_SUBJECT),
        ("body", body, LONGEST_BODY),
    ):
        if not text.strip():
            yield Fault(part, 1, gettext("Write something here."))
        if len(text) > longest:
            facts = {"longest": longest, "length": len(text)}
            sentence = gettext("Keep it under %(longest)s characters; it has %(length)s.") % facts
            yield Fault(part, 1, sentence)


def _about_lines(subject: str, body: str, wrong: Callable[[str], Iterator[str]]) -> Iterator[Fault]:
    for part, text in (("subject", subject), ("body", body)):
        for number, line in enumerate(reading.unix_lines(text).split("\n"), start=1):
            for sentence in wrong(line):
                yield Fault(part, number, sentence)


def _invisible(line: str, which: re.Pattern[str] = CONTROLS) -> Iterator[str]:
    if found := which.search(line):
        code = f"U+{ord(found[0]):04X}"
        yield gettext("Take out the invisible character %(code)s.") % {"code": code}


def _unwise(line: str) -> Iterator[str]:
    """Mail programs make a link of an address in plain words, and of this one an open one."""
    yield from _invisible(line, MARKS)
    if "http://" in line.lower():
        yield gettext("Write the link with https://, not http://.")


def _wrong_signs(line: str) -> Iterator[str]:
    if found := TAG.search(line):
        yield gettext("HTML is not read here: take out %(tag)s.") % {"tag": found[0]}
    if PICTURE.search(line):
        yield gettext("Pictures can't be sent: most mail programs hide them.")
    alone = reading.MENTION.sub("", line)
    if "{" in alone or "}" in alone:
        yield gettext("A { or } stands alone. Write a field like {first_name|friend}.")


def _about_subject(understood: Reading) -> Iterator[Fault]:
    if "\n" in understood.subject:
        yield Fault("subject", 1, gettext("Write the subject on one line."))
    links = understood.mentions.links()
    for part, text in (("subject", understood.subject), ("body", understood.preview)):
        if links & set(text):
            yield Fault(part, 1, gettext("Words can stand here, no link."))


def _about_structure(blocks: list[Block]) -> Iterator[Fault]:
    if not blocks or blocks[0].kind != "h1":
        sentence = gettext("Begin with a headline: a line that starts with # and a space.")
        yield Fault("body", 1, sentence)
    for block in blocks:
        if block.kind == "h1" and block is not blocks[0]:
            yield Fault("body", block.line, gettext("A mail has one headline. Use ## here."))
        if block.kind in {"h3", "h4", "h5", "h6"}:
            yield Fault("body", block.line, gettext("There is one size of heading: ##."))
        if block.kind in {"h1", "h2"} and not reading.plain(block.items[0]).strip():
            yield Fault("body", block.line, gettext("Write words after the #."))
        if block.kind in {"h1", "h2"} and _has_link(block):
            yield Fault("body", block.line, gettext("A headline or heading can't be a link."))
        if block.is_nested:
            sentence = gettext("A list holds words only: no list, no heading inside it.")
            yield Fault("body", block.line, sentence)


def _has_link(block: Block) -> bool:
    return any(token.type == "link_open" for token in block.items[0])


def _about_words(block: Block, understood: Reading) -> Iterator[Fault]:
    links = understood.mentions.links()
    standing = set[str]() if block.kind == "address" else links
    for tokens in block.items:
        line = block.line
        for token, following in pairwise([*tokens, END]):
            line += token.type in BREAKS
            if token.type != "link_open":
                sentence = _wrong_text(token.content, standing)
            elif following.type == "link_close":
                sentence = gettext("A link needs words between [ and ].")
            else:
                sentence = _wrong_target(str(token.attrs["href"]), links)
            if sentence:
                yield Fault("body", line, sentence)


def _wrong_text(text: str, links: set[str]) -> str | None:
    if links & set(text):
        return gettext(
            "Give a link words, like [Ask a friend]({share_link}), or a paragraph of its own."
        )
    if HALF_A_LINK.search(text):
        return gettext("This link is not whole. Write [words](https://example.org/page).")
    return None


def _wrong_target(target: str, links: set[str]) -> str | None:
    if target in links or Mentions.UNKNOWN in target or _is_safe(target):
        return None
    if target.startswith("http://"):
        return gettext("Write the link with https://, not http://.")
    where = gettext("A link leads to an address with https:// or to one of our fields.")
    return f"{where} {suggestion(target, sorted(LINKS))}"


def _is_safe(target: str) -> bool:
    """A whole address with nothing of the reader in it, and no name before the host."""
    try:
        parts = urlsplit(target)
    except ValueError:
        return False
    is_bare = not re.search(r"[\s\\\ue000-\uf8ff]", target)
    return parts.scheme == "https" and bool(HOST.fullmatch(parts.netloc)) and is_bare
