"""What ./run can't do it says in one sentence that tells what to do."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.local.house import House

NEEDS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can make this happen")


def only_sentence(answer: subprocess.CompletedProcess[str]) -> str:
    assert answer.returncode == 1
    assert "Traceback" not in answer.stdout + answer.stderr
    assert answer.stderr.count("\n") == 1, answer.stderr
    return answer.stderr.removeprefix("./run: ").strip()


@pytest.fixture
def bare(house: House) -> House:
    """A fresh clone: no virtual environment yet."""
    (house.folder / ".venv").unlink()
    return house


@pytest.fixture
def tools(house: House) -> Path:
    """A PATH with what a shell needs, and no Python and no uv."""
    folder = house.folder / "tools"
    folder.mkdir()
    for name in ("basename", "dirname", "sh", "test"):
        (folder / name).symlink_to(shutil.which(name) or "")
    return folder


@pytest.fixture
def tiny_disk(house: House) -> Iterator[Path]:
    disk = house.folder / ".local"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=20m,mode=711", "tmpfs", disk]
    if subprocess.run(command, capture_output=True).returncode != 0:
        pytest.skip("this machine lets nobody mount a small disk")
    yield disk
    house.kill_everyone()
    subprocess.run(["umount", "--lazy", disk], check=True)


def test_no_new_enough_python(house: House, tools: Path) -> None:
    old = tools / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)

    none_found = house.call(PATH=str(tools), PYTHON="")
    wrong_one = house.call(PYTHON=str(old))

    assert only_sentence(none_found).startswith("this needs Python 3.11 or newer, and none was")
    assert only_sentence(wrong_one).startswith(f"PYTHON names {old}, which does not start or is")


def test_no_venv_module(bare: House, tools: Path) -> None:
    (tools / "sitecustomize.py").write_text("import sys\nsys.modules['ensurepip'] = None\n")

    answer = bare.call(PATH=str(tools), PYTHONPATH=str(tools))

    assert "install its venv module (Debian, Ubuntu: apt-get install python3." in only_sentence(
        answer
    )


def test_no_network(bare: House, tools: Path) -> None:
    answer = bare.call(
        PATH=str(tools),
        PIP_INDEX_URL="http://127.0.0.1:9/",
        PIP_EXTRA_INDEX_URL="",
        PIP_FIND_LINKS="",
        PIP_NO_CACHE_DIR="1",
        PIP_RETRIES="1",
    )

    assert only_sentence(answer).startswith("The package registry can't be reached: connect to")


@NEEDS_ROOT
def test_a_full_disk(house: House, tiny_disk: Path) -> None:
    answer = house.call("manage", "recall")

    assert tiny_disk.is_mount()
    assert only_sentence(answer).startswith("The disk is full: free some space")


@NEEDS_ROOT
def test_a_folder_of_someone_else(house: House) -> None:
    (house.folder / ".local").mkdir()
    os.chown(house.folder / ".local", 65534, 65534)

    answer = house.call()

    assert f"{house.folder}/.local belongs to nobody: run this as nobody" in only_sentence(answer)


def test_a_folder_that_cannot_be_written(house: House) -> None:
    house.become_ordinary()
    house.folder.chmod(0o555)

    answer = house.call()

    house.folder.chmod(0o755)  # or its owner can't remove it
    assert f"{house.folder}/.local can't be written" in only_sentence(answer)


def test_a_named_server_that_does_not_answer(house: House) -> None:
    answer = house.call("manage", "recall", DATABASE_URL="postgresql://127.0.0.1:9/none")

    assert only_sentence(answer).startswith("The server that DATABASE_URL names does not answer")


def test_a_port_that_is_none(house: House) -> None:
    answer = house.call("--port", "70000")

    assert answer.returncode == 2
    assert "take a number from 1 to 65535" in answer.stderr


def test_a_server_that_cannot_start_shows_its_last_words(house: House) -> None:
    house.call("manage", "migrate")
    (house.folder / ".local/postgres/data/global/pg_control").write_bytes(b"damaged")

    answer = house.call("manage", "recall")

    assert answer.returncode == 1
    assert "PostgreSQL did not start: read why in" in answer.stderr
    assert "  | " in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize("word", ["services", "install", "lock"])
def test_who_asks_for_help_gets_it_and_nothing_else(house: House, word: str) -> None:
    answer = house.call(word, "--help")

    assert answer.returncode == 0
    assert "./run services            PostgreSQL and Valkey alone" in answer.stdout
    assert not (house.folder / ".local").exists()
