"""The texts that come with this software: the confirmation with its reminders, the welcome."""

from pathlib import Path
from typing import Final, NamedTuple

FOLDER: Final = Path(__file__).parent / "shipped"
SUBJECT: Final = "subject: "


class Shipped(NamedTuple):
    """One step's text in one language."""

    sequence: str
    number: int
    language: str
    subject: str
    body: str


def shipped() -> list[Shipped]:
    """Return all texts, from shipped/<language>/<sequence>-<number>.md, in a stable order."""
    return [_read(path) for path in sorted(FOLDER.glob("*/*.md"))]


def _read(path: Path) -> Shipped:
    sequence, _, number = path.stem.rpartition("-")
    subject, _, body = path.read_text(encoding="utf-8").partition("\n")
    return Shipped(
        sequence=sequence,
        number=int(number),
        language=path.parent.name,
        subject=subject.removeprefix(SUBJECT),
        body=body.strip() + "\n",
    )
