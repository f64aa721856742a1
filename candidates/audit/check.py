"""One line of the audit: what must be, and what was found."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection


@dataclass(frozen=True, slots=True)
class Check:
    """A named claim. `is_ok` where what was found is what was expected (or within the bound)."""

    name: str
    expected: object
    found: object
    within: bool | None = None

    @property
    def is_ok(self) -> bool:
        return self.expected == self.found if self.within is None else self.within


def none(name: str, found: int) -> Check:
    return Check(name, 0, found)


def at_most(name: str, bound: int, found: int) -> Check:
    return Check(name, f"0 to {bound}" if bound else 0, found, within=found <= bound)


def count(statement: str, words: Sequence[Any] = ()) -> int:
    """Return the one number that a statement answers with."""
    return int(rows(statement, words)[0][0] or 0)


def rows(statement: str, words: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(words))
        return list(cursor.fetchall())


def table(checks: Sequence[Check]) -> Iterator[str]:
    """Yield the lines of an aligned table."""
    cells = [("", "what must be true", "expected", "found")]
    cells += [
        ("ok" if it.is_ok else "OFF", it.name, text(it.expected), text(it.found)) for it in checks
    ]
    widths = [max(len(row[column]) for row in cells) for column in range(4)]
    for mark, name, expected, found in cells:
        left = f"{mark:<{widths[0]}}  {name:<{widths[1]}}"
        yield f"{left}  {expected:>{widths[2]}}  {found:>{widths[3]}}"


def text(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)
