"""What the source wants translated, and what locale/ says: read without GNU gettext."""

import ast
import gettext
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.translation.template import templatize

FOLDERS = ("candidates", "partners", "recruit", "templates")
FILES = settings.BASE_DIR / "locale" / "es" / "LC_MESSAGES"
# How many leading arguments of each call are words; those with a p begin with a context.
CALLS = {"_": 1, "gettext": 1, "pgettext": 2, "ngettext": 2, "npgettext": 3}
WORD = r"""u?(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
CALL_IN_TEMPLATE = re.compile(rf"\b(_|n?p?gettext)\(((?:\s*{WORD}\s*,?)+)", re.DOTALL)

Key = tuple[str, str]  # context, message


@dataclass(frozen=True)
class Entry:
    """One message of the catalogue."""

    key: Key
    english: tuple[str, ...]
    spanish: tuple[str, ...]
    flags: str


def wanted() -> set[Key]:
    """Return every message that the code and the templates ask gettext for."""
    paths = [path for folder in FOLDERS for path in (settings.BASE_DIR / folder).rglob("*.*")]
    return {
        key
        for path in paths
        for key in (_of_python(path) if path.suffix == ".py" else _of_template(path))
    }


def _of_python(path: Path) -> Iterator[Key]:
    aliases: dict[str, str] = {}
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.ImportFrom(module="django.utils.translation", names=names):
                aliases |= {it.asname or it.name: it.name for it in names}
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Call(func=ast.Name(id=name), args=words) if name in aliases:
                call = aliases[name].removesuffix("_lazy")
                if call in CALLS:
                    yield _key(call, [ast.literal_eval(word) for word in words[: CALLS[call]]])


def _of_template(path: Path) -> Iterator[Key]:
    if path.suffix not in {".html", ".txt"} or "templates" not in path.parts:
        return
    for call, words in CALL_IN_TEMPLATE.findall(templatize(path.read_text())):
        yield _key(call, [ast.literal_eval(word) for word in re.findall(WORD, words, re.DOTALL)])


def _key(call: str, words: list[str]) -> Key:
    return (words[0], words[1]) if "pgettext" in call else ("", words[0])


def entries() -> list[Entry]:
    """Return the catalogue as translators write it, without its header."""
    blocks = (FILES / "django.po").read_text().split("\n\n")
    return [_entry(block) for block in blocks[1:]]


def _entry(block: str) -> Entry:
    said: dict[str, str] = {}
    flags = name = ""
    for line in block.splitlines():
        if line.startswith("#,"):
            flags += line
        elif found := re.match(r'(\w+(?:\[\d\])?)? ?(".*")$', line):
            name = found[1] or name
            said[name] = said.get(name, "") + ast.literal_eval(found[2])
    english = tuple(said[name] for name in ("msgid", "msgid_plural") if name in said)
    spanish = tuple(text for name, text in said.items() if name.startswith("msgstr"))
    return Entry((said.get("msgctxt", ""), said["msgid"]), english, spanish, flags)


def compiled() -> dict[Key, tuple[str, ...]]:
    """Return the catalogue as the site reads it."""
    with (FILES / "django.mo").open("rb") as file:
        catalogue = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    found: dict[Key, tuple[str, ...]] = {}
    for name, text in catalogue.items():
        context, _, message = (name[0] if isinstance(name, tuple) else name).rpartition("\x04")
        found[context, message] = (*found.get((context, message), ()), text)
    found.pop(("", ""))
    return found
