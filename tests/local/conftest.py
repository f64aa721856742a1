"""A house of one's own for each test that starts something."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.local.house import House, build


@pytest.fixture
def house() -> Iterator[House]:
    # pytest's own temporary folders are too deep for a socket's path, and closed to other accounts.
    folder = Path(tempfile.mkdtemp(prefix="a house ", dir="/tmp"))
    folder.chmod(0o755)
    build(folder)
    house = House(folder)
    yield house
    house.kill_everyone()
    shutil.rmtree(folder)
