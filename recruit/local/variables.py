"""What Django is told by the one that starts it: the same for web, worker and commands."""

import os
from pathlib import Path

from recruit.local import folders, servers


def of(place: folders.Folders, ours: servers.Servers, *, mode: str) -> dict[str, str]:
    """The person's own variables win, save for the mode."""
    return {
        "BASE_URL": address(place),
        "REHEARSAL_URL": rehearsal_address(place),
        "OUTBOX_DIR": str(place.outbox),
        **os.environ,
        **ours.variables,
        "RECRUIT_MODE": mode,
        # Logs are files: without this the last lines before a crash would be missing.
        "PYTHONUNBUFFERED": "1",
    }


def address(place: folders.Folders) -> str:
    """Where the site is now, or would be."""
    try:
        return _note(place).read_text()
    except FileNotFoundError:
        return at_port(8000)


def rehearsal_address(place: folders.Folders) -> str:
    """The port after the site's own."""
    return at_port(int(address(place).rpartition(":")[2]) + 1)


def note_address(place: folders.Folders, port: int) -> None:
    _note(place).write_text(at_port(port))


def at_port(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def _note(place: folders.Folders) -> Path:
    return place.run / "address"
