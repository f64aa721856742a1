"""What the database holds: the demo, or nothing but the first staff user. Filled once."""

import hashlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from recruit.local import folders, management, servers
from recruit.local.console import step
from recruit.local.refusal import Refusal

DEMO_OWED, DEMO = "demo owed", "demo"
STAFF_OWED, STAFF = "staff owed", "staff"


def note_of(place: folders.Folders) -> Path:
    """Where we remember. Our own database moves with this folder; others are told apart."""
    url = os.environ.get("DATABASE_URL")
    name = f"contents-{hashlib.sha256(url.encode()).hexdigest()[:12]}" if url else "contents"
    return place.local / name


def is_demo(place: folders.Folders) -> bool:
    return note_of(place).read_text() == DEMO


def fill(place: folders.Folders, env: Mapping[str, str], *, is_empty: bool) -> None:
    """Once for each database. Noted before it begins: a start that was ended here goes on."""
    note = note_of(place)
    if not note.exists():
        note.write_text(STAFF_OWED if is_empty else DEMO_OWED)
    if is_empty and note.read_text() in (DEMO_OWED, DEMO):
        raise Refusal(
            "This folder already holds the demo: ./run --reset --empty removes it and begins again."
        )
    _pay(place, env, note)


def _pay(place: folders.Folders, env: Mapping[str, str], note: Path) -> None:
    owed = note.read_text()
    if owed == DEMO_OWED:
        management.call(place, env, "load_demo")
        note.write_text(DEMO)
    if owed == STAFF_OWED:
        management.call(place, env, "create_staff")
        note.write_text(STAFF)


def reset(place: folders.Folders) -> None:
    """Removes the data of this checkout's own servers; never touches one named by DATABASE_URL."""
    sys.stdout.write(f"This removes all data in {place.local}. Type yes to go on: ")
    sys.stdout.flush()
    if sys.stdin.readline().strip().lower() != "yes":
        raise Refusal("Nothing was removed.")
    with servers.nobody_else(place):
        servers.remove(place)
        folders.remove(place.outbox)
        for note in place.local.glob("contents*"):
            note.unlink()
    place.make()
    step("The data was removed")
