"""Django's management commands, run in the person's own terminal."""

from collections.abc import Mapping, Sequence

from recruit.local import folders, processes
from recruit.local.refusal import Refusal


def call(place: folders.Folders, env: Mapping[str, str], *words: str) -> None:
    """One that must succeed for us to go on."""
    if run(place, env, words) != 0:
        raise Refusal(f"'manage {words[0]}' failed; what it says is above.")


def run(place: folders.Folders, env: Mapping[str, str], words: Sequence[str]) -> int:
    command: list[processes.Word] = [place.python, place.checkout / "manage.py", *words]
    return processes.in_foreground(command, env=env, cwd=place.checkout)
