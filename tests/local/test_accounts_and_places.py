"""./run works for root and for anyone else, wherever the checkout lies."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from recruit.local import folders
from tests.local.house import House, build

NEEDS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can close a folder to itself")


@pytest.fixture
def deep() -> Iterator[House]:
    """A checkout whose sockets would have too long a path, and a comma in it."""
    top = Path(tempfile.mkdtemp(prefix="house-", dir="/tmp"))
    top.chmod(0o755)
    folder = top / ("a folder, with a very long name " * 3)
    folder.mkdir()
    build(folder)
    house = House(folder)
    yield house
    house.kill_everyone()
    shutil.rmtree(top)
    shutil.rmtree(folders.of(folder).short_sockets, ignore_errors=True)


def processes_of_root(house: House) -> set[str]:
    return {
        words.split()[0].rpartition("/")[2]
        for pid, words in house.inhabitants().items()
        if Path(f"/proc/{pid}").stat().st_uid == 0
    }


def test_an_ordinary_user_needs_nobody(house: House) -> None:
    house.become_ordinary()
    run = house.start()

    assert run.is_up(), run.said
    assert processes_of_root(house) == set()
    assert run.stop() < 10
    assert house.inhabitants() == {}


@NEEDS_ROOT
def test_root_lends_postgresql_a_lesser_account(house: House) -> None:
    run = house.start()

    assert run.is_up(), run.said
    assert "postgres" not in processes_of_root(house)
    assert (house.folder / ".local/postgres/data").stat().st_uid != 0


@NEEDS_ROOT
def test_root_keeps_the_data_outside_a_folder_that_others_cannot_enter(house: House) -> None:
    house.folder.chmod(0o700)
    outside = Path("/var/lib") / f"recruit-{folders.of(house.folder).key}"
    house.call("manage", "migrate")
    house.call("manage", "say", "kept")

    recalled = house.call("manage", "recall")
    is_outside = (outside / "data").exists()
    run = house.start("--reset", answer="yes\n")
    is_up = run.is_up()
    run.stop()
    after = house.call("manage", "recall")
    shutil.rmtree(outside)

    assert recalled.stdout == "said: kept\n", recalled.stderr
    assert is_outside
    assert is_up, run.said
    assert after.stdout == "said: demo\n"


def test_a_long_path_is_no_trouble_for_sockets(deep: House) -> None:
    deep.call("manage", "migrate")
    deep.call("manage", "say", "far")

    assert deep.call("manage", "recall").stdout == "said: far\n"
