"""The pictures of the docs, taken anew: ./test --pictures

A browser test that calls `keep` or `is_fine` with a name keeps a picture of what it sees. With
--pictures only those run that name a picture of docs/screens, each at the sizes shown there, and
what they keep replaces it, small enough to be read over a slow line. To show another page, keep it
under a name in a test, and put any file NAME-WIDTH-SCHEME.png there first.
"""

import ast
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

TESTS = Path(__file__).resolve().parent
SCREENS = TESTS.parent / "docs" / "screens"
KEEPING = re.compile(r"(?<!\.)\b(keep|check|is_fine\w*)\(")
NAMED = re.compile(r"(.+)-(\d+)-(light|dark)\.png")
MOST_BYTES = 80_000
SIZES = (1.0, 0.75, 0.6, 0.5)
COLOURS = (128, 64, 32)
FLAT = 8


class TooMuch(Exception):
    """So much stands on a picture that no small file holds it: keep less of the page."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pictures", action="store_true", help="take those of the docs anew")


def pytest_configure(config: pytest.Config) -> None:
    """Say it before the tests are read: what is looked at depends on it."""
    if config.getoption("pictures"):
        os.environ["SHOTS"] = tempfile.mkdtemp(prefix="pictures-")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("pictures"):
        others = [it for it in items if not _takes_one(it)]
        config.hook.pytest_deselected(items=others)
        items[:] = [it for it in items if it not in others]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if terminalreporter.config.getoption("pictures"):
        taken = Path(os.environ["SHOTS"])
        wanted, got = ({it.name for it in folder.iterdir()} for folder in (SCREENS, taken))
        for name in wanted & got:
            try:
                (SCREENS / name).write_bytes(small(Image.open(taken / name)))
            except TooMuch:
                got.remove(name)
        terminalreporter.line(f"{len(wanted & got)} of {len(wanted)} pictures taken anew.")
        for name in sorted(wanted - got):
            terminalreporter.line(f"not taken: {name}")
        shutil.rmtree(taken)


def parts(name: str) -> tuple[str, int, str]:
    """Return what the picture of a file shows, how wide, and in which scheme."""
    found = NAMED.fullmatch(name)
    assert found, f"{name} is not NAME-WIDTH-SCHEME.png"
    return found[1], int(found[2]), found[3]


def takers(shown: str) -> list[str]:
    """Return the tests that keep a picture of this name, as FILE::NAME."""
    return [name for name, source in _keeping().items() if f'"{shown}"' in source]


@cache
def _keeping() -> dict[str, str]:
    """Return every test that keeps pictures, and its source."""
    found = {}
    for file in TESTS.rglob("test_*.py"):
        lines = file.read_text().splitlines()
        for node in ast.parse("\n".join(lines)).body:
            source = "\n".join(lines[node.lineno - 1 : node.end_lineno])
            if isinstance(node, ast.FunctionDef) and KEEPING.search(source):
                found[f"{file.name}::{node.name}"] = source
    return found


def _takes_one(item: pytest.Item) -> bool:
    """Whether the test names a picture of the docs, of the size that it looks at."""
    if not isinstance(item, pytest.Function):
        return False
    name, chosen = f"{item.path.name}::{item.originalname}", getattr(item, "callspec", None)
    sizes = chosen.params if chosen else {}
    return any(
        name in takers(shown)
        and (sizes.get("width", width), sizes.get("scheme", scheme)) == (width, scheme)
        for shown, width, scheme in (parts(it.name) for it in SCREENS.iterdir())
    )


def small(picture: Image.Image) -> bytes:
    """Return a PNG of few enough bytes: with fewer colours first, then smaller."""
    for file in _ever_smaller(picture):
        if len(file) <= MOST_BYTES:
            return file
    raise TooMuch


def _ever_smaller(picture: Image.Image) -> Iterator[bytes]:
    for size in SIZES:
        scaled = picture.convert("RGB").resize([round(it * size) for it in picture.size])
        for colours in COLOURS:
            file = BytesIO()
            _flat(scaled, colours).save(file, "PNG", optimize=True)
            yield file.getvalue()


def _flat(picture: Image.Image, colours: int) -> Image.Image:
    """Keep the colours that most of it has as they are: paper stays paper, a bar its green."""
    counted: Any = picture.getcolors(picture.width * picture.height)
    most = [colour for _count, colour in sorted(counted, reverse=True)[:FLAT]]
    others = picture.quantize(colours - len(most)).getpalette() or []
    palette = Image.new("P", (1, 1))
    palette.putpalette([*(part for colour in most for part in colour), *others])
    return picture.quantize(palette=palette, dither=Image.Dither.NONE)
