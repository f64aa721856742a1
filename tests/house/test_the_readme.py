"""The README and the docs speak of what exists."""

import os
import re
from pathlib import Path

import pytest
from django.core.management import get_commands

from tests.pictures import MOST_BYTES, parts, takers

CHECKOUT = Path(__file__).resolve().parents[2]
PAGES = [CHECKOUT / "README.md", *sorted((CHECKOUT / "docs").glob("*.md"))]
PAGES += sorted(CHECKOUT.glob("*/README.md"))


def texts() -> str:
    return "\n".join(page.read_text() for page in PAGES)


def test_every_management_command_it_names_exists() -> None:
    named = set(re.findall(r"(?:\./run manage|manage\.py) ([a-z_]+)", texts()))

    assert {"replay_day", "audit"} <= named
    assert named <= set(get_commands())


def test_every_program_it_names_can_be_run() -> None:
    for program in ("run", "test", ".ci/run"):
        assert f"{program}" in texts()
        assert os.access(CHECKOUT / program, os.X_OK), program


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(CHECKOUT)))
def test_every_file_it_points_to_is_there(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
        assert (page.parent / target).exists(), target


def test_every_script_and_module_it_names_is_there() -> None:
    named = re.findall(
        r"`((?:bench|candidates|partners|recruit|static|templates|tests)/[\w./]+)`", texts()
    )

    assert named
    assert [name for name in named if not (CHECKOUT / name).exists()] == []


def test_each_picture_is_shown_somewhere_and_small_enough_for_a_slow_line() -> None:
    shown = set(re.findall(r"\(screens/([^)]+)\)", texts()))
    pictures = {it.name: it.stat().st_size for it in (CHECKOUT / "docs" / "screens").iterdir()}

    assert set(pictures) == shown
    assert {name for name, size in pictures.items() if not 0 < size <= MOST_BYTES} == set()


def test_each_picture_is_taken_by_one_test() -> None:
    pictures = {it.name: parts(it.name)[0] for it in (CHECKOUT / "docs" / "screens").iterdir()}

    assert {name: takers(it) for name, it in pictures.items() if len(takers(it)) != 1} == {}
