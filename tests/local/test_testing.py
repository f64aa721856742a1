"""./test runs on servers of its own, gone afterwards, and never sees the demo's data."""

import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.local.house import PATIENCE_SECONDS, House

THEIR_TEST = """
import os, pathlib, time
import psycopg, redis

def test_hello():
    pathlib.Path("where").write_text(os.environ["DATABASE_URL"])
    with psycopg.connect(os.environ["DATABASE_URL"]) as line:
        assert line.execute("select to_regclass('said')").fetchone() == (None,)
    assert redis.from_url(os.environ["REDIS_URL"]).ping()
    assert os.environ["RECRUIT_MODE"] == "test"

def test_slow():
    pathlib.Path("where").write_text(os.environ["DATABASE_URL"])
    time.sleep(60)
"""


@pytest.fixture
def tested(house: House) -> House:
    (house.folder / "test_theirs.py").write_text(THEIR_TEST)
    return house


def where(house: House) -> Path:
    """The folder their servers were in."""
    url = (house.folder / "where").read_text()
    return Path(unquote(url.partition("host=")[2])).parent.parent


def begin_slow(house: House, *first: str) -> subprocess.Popen[bytes]:
    command = [*first, "./test", "-k", "slow"]
    process = subprocess.Popen(command, cwd=house.folder, env=house.env, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (house.folder / "where").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    return process


def test_it_has_servers_of_its_own_and_removes_them(tested: House) -> None:
    tested.call("manage", "migrate")

    answer = tested.test("-k", "hello")

    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "1 passed, 1 deselected" in answer.stdout
    assert not where(tested).exists()
    assert tested.inhabitants() == {}


def test_its_exit_code_is_that_of_the_tests(tested: House) -> None:
    answer = tested.test("-k", "nothing-of-that-name")

    assert answer.returncode == 5


@pytest.mark.parametrize("first", [(), ("env", "--ignore-signal=INT")])
def test_a_signal_ends_it_and_removes_its_servers(tested: House, first: tuple[str, ...]) -> None:
    process = begin_slow(tested, *first)

    process.send_signal(signal.SIGTERM)
    process.wait(10)

    assert not where(tested).exists()
    assert tested.inhabitants() == {}


def test_what_a_killed_one_left_is_removed_by_the_next(tested: House) -> None:
    process = begin_slow(tested)
    left = where(tested)
    tested.kill_everyone()
    process.wait()
    assert left.exists()

    tested.test("-k", "hello")

    assert not left.exists()
    assert not [p for p in Path("/proc").iterdir() if p.name.isdigit() and _mentions(p, left)]


def _mentions(entry: Path, folder: Path) -> bool:
    try:
        return bytes(folder) in (entry / "cmdline").read_bytes()
    except OSError:
        return False
