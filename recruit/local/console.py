"""What a person at the terminal is told."""

import sys
import time
from collections.abc import Iterable
from pathlib import Path

began = time.monotonic()


def say(line: str = "") -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def step(line: str) -> None:
    """One step of a start, with the seconds since the beginning."""
    say(f"{time.monotonic() - began:6.1f} s  {line}")


def table(rows: Iterable[tuple[str, str]]) -> None:
    rows = list(rows)
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        say(f"  {name:<{width}}  {value}")


def progress(line: str) -> None:
    """A line that the next one replaces on a terminal, and that is left out elsewhere."""
    if sys.stdout.isatty():
        sys.stdout.write(f"\r\x1b[2K          {line[:100]}")
        sys.stdout.flush()


def progress_done() -> None:
    if sys.stdout.isatty():
        sys.stdout.write("\r\x1b[2K")


def last_lines(log: Path, count: int = 12) -> str:
    try:
        lines = log.read_text(errors="replace").splitlines()
    except FileNotFoundError:
        return ""
    return "\n".join(f"  | {line}" for line in lines[-count:])
