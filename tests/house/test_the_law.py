"""Who may import whom is held by import-linter; here its contract shows that it can say no."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
SAY = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Our packages, somewhere they may be broken."""
    for package in ("recruit", "partners", "candidates"):
        shutil.copytree(CHECKOUT / package, tmp_path / package)
    shutil.copy(CHECKOUT / "pyproject.toml", tmp_path)
    return tmp_path


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", SAY], cwd=folder, capture_output=True, text=True, timeout=120
    )


def test_the_law_is_kept(copy: Path) -> None:
    assert lint(copy).returncode == 0


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("partners/credits.py", "from candidates import signup"),
        ("recruit/context.py", "from partners import totals"),
        ("partners/links.py", "from partners import credits"),
        ("candidates/identity.py", "from candidates import followups"),
        ("candidates/signup.py", "from candidates import triage"),
        ("candidates/signup.py", "from candidates import tasks"),
        ("candidates/drawer.py", ""),
    ],
)
def test_a_broken_twin_is_caught(copy: Path, module: str, line: str) -> None:
    with (copy / module).open("a") as file:
        file.write(f"\n{line}\n")

    assert lint(copy).returncode != 0


def test_no_two_locks_have_the_same_number() -> None:
    """Who folds the visits would hold up who recounts, and nobody would see why."""
    packages = ("recruit", "partners", "candidates")
    modules = (it for name in packages for it in (CHECKOUT / name).rglob("*.py"))
    numbers = [n for it in modules for n in re.findall(r"locks\.key\((\w+)\)", it.read_text())]

    assert len(numbers) == len(set(numbers)) > 3
