"""The pictures of the docs, taken anew: ./test tests/browser --pictures

The browser tests keep a picture of each page they look at. Of those, the ones that docs/screens has
already are replaced, small enough to be read over a slow line. To show another page, put any file
of its name there first.
"""

import os
import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

SCREENS = Path(__file__).resolve().parents[1] / "docs" / "screens"
MOST_BYTES = 80_000
SIZES = (1.0, 0.75, 0.6, 0.5)
COLOURS = (128, 64, 32)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pictures", action="store_true", help="take those of the docs anew")


def pytest_configure(config: pytest.Config) -> None:
    """Say it before the tests are read: what is looked at depends on it."""
    if config.getoption("pictures"):
        os.environ["SHOTS"] = tempfile.mkdtemp(prefix="pictures-")


def pytest_unconfigure(config: pytest.Config) -> None:
    if config.getoption("pictures"):
        taken = Path(os.environ["SHOTS"])
        for name in {it.name for it in taken.iterdir()} & {it.name for it in SCREENS.iterdir()}:
            (SCREENS / name).write_bytes(small(Image.open(taken / name)))


def small(picture: Image.Image) -> bytes:
    """Return a PNG of few enough bytes: with fewer colours first, then smaller."""
    return next(it for it in _ever_smaller(picture) if len(it) <= MOST_BYTES)


def _ever_smaller(picture: Image.Image) -> Iterator[bytes]:
    for size in SIZES:
        scaled = picture.convert("RGB").resize([round(it * size) for it in picture.size])
        for colours in COLOURS:
            file = BytesIO()
            flat = scaled.quantize(colours, dither=Image.Dither.NONE)
            flat.save(file, "PNG", optimize=True)
            yield file.getvalue()
