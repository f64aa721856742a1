""".ci/suite asks once more, alone, for what failed while the two halves ran side by side."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

SUITE = Path(__file__).resolve().parents[2] / ".ci/suite"
WITHOUT_SERVERS = f"""#!/bin/sh
PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 exec "{sys.executable}" -m pytest -q -W ignore "$@"
"""
THEIRS = """
import os, pathlib
import pytest

def later(name):
    note = pathlib.Path(f"asked-for-{name}")
    is_asked_again = note.exists()
    note.touch()
    return is_asked_again

@pytest.mark.browser
def test_page():
    assert PAGE

@pytest.mark.parametrize("number", range(11))
def test_rest(number):
    assert REST

def test_good():
    assert not later("good")
"""


@dataclass
class Suite:
    checkout: Path

    def run(self, *, page: str = "True", rest: str = "True") -> tuple[int, str]:
        theirs = THEIRS.replace("PAGE", page).replace("REST", rest)
        (self.checkout / "test_theirs.py").write_text(theirs)
        answer = subprocess.run(
            [".ci/suite", "flaky"], cwd=self.checkout, capture_output=True, text=True, timeout=60
        )
        return answer.returncode, answer.stdout

    @property
    def flaky(self) -> list[str]:
        """The tests that the file of the flaky ones names."""
        note = self.checkout / "flaky"
        return note.read_text().split("\n  ")[1:] if note.exists() else []


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    """A checkout of nothing but the script, and a ./test that starts no servers."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(SUITE, tmp_path / ".ci/suite")
    (tmp_path / "test").write_text(WITHOUT_SERVERS)
    (tmp_path / "test").chmod(0o755)
    return Suite(tmp_path)


def test_what_is_good_is_asked_once(suite: Suite) -> None:
    code, said = suite.run()

    assert (code, suite.flaky, "alone" in said) == (0, [], False)


def test_what_fails_in_either_half_and_passes_alone_is_named_at_the_end(suite: Suite) -> None:
    code, said = suite.run(page="later('page')", rest="number != 7 or later('7')")

    names = ["test_theirs.py::test_page", "test_theirs.py::test_rest[7]"]
    assert (code, [name.strip() for name in suite.flaky]) == (0, names)
    assert said.endswith((suite.checkout / "flaky").read_text())
    assert "FAILED SIDE BY SIDE AND PASSED ALONE" in said


@pytest.mark.parametrize("broken", [{"page": "False"}, {"rest": "number != 7"}])
def test_what_fails_twice_fails_the_run(suite: Suite, broken: dict[str, str]) -> None:
    code, said = suite.run(**{"page": "later('page')", "rest": "number or later('0')"} | broken)

    assert (code, suite.flaky) == (1, [])
    assert "Once more, alone" in said


def test_of_more_than_ten_none_is_asked_again(suite: Suite) -> None:
    code, said = suite.run(rest="later(number)")

    assert (code, suite.flaky) == (1, [])
    assert "Too many for a second look" in said


@pytest.mark.parametrize("end", ["pytest.exit()", "os._exit(1)", "os.kill(os.getpid(), 9)"])
def test_a_half_that_breaks_off_fails_the_run(suite: Suite, end: str) -> None:
    code, said = suite.run(page=end, rest="number or later('0')")

    assert (code, suite.flaky) == (1, [])
    assert "Once more" not in said
