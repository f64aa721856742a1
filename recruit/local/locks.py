"""./run lock: writes requirements/*.txt anew, each held to the versions of the one before."""

import subprocess
from collections.abc import Sequence

from recruit.local import console, folders, packages, processes
from recruit.local.refusal import Refusal

NAMES = ("production", "local", "test", "development")
# No --emit-index-url and no header: a lock names packages and hashes, never a host.
OPTIONS = (
    "--universal", "--python-version", "3.11", "--generate-hashes", "--no-emit-index-url",
    "--no-header", "--no-annotate", "--quiet",
)  # fmt: skip


def refresh(place: folders.Folders, words: Sequence[str]) -> int:
    """Takes --upgrade, to go to the newest versions that fit."""
    place.make()
    packages.ready(place, "development")
    for name in NAMES:
        console.step(f"requirements/{name}.txt")
        compile_lock(place, name, words)
    return 0


def compile_lock(place: folders.Folders, name: str, words: Sequence[str]) -> None:
    command: list[processes.Word] = [place.python, "-m", "uv", "pip", "compile", *OPTIONS, *words]
    answer = subprocess.run(
        [*command, f"{name}.in", "-o", f"{name}.txt"],
        cwd=place.checkout / "requirements",
        check=False,
    )
    if answer.returncode:
        raise Refusal(f"requirements/{name}.in could not be resolved; what uv says is above.")
