"""CSV that spreadsheets open without running anything, squeezed while it is written."""

import csv
import gzip
import io
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from unicodedata import category, normalize

from partners.models.exports import Export

# Excel reads UTF-8 as such only behind this mark; without it José becomes JosÃ©.
MARK = "\ufeff".encode()
LINES = 1000  # that leave at once
# OWASP, CSV injection: what begins like this is a formula to Excel, LibreOffice or Sheets.
FORMULA = tuple("=+-@")
LINE_ENDS = {"Cc", "Zl", "Zp"}  # control characters, and Unicode's own ends of lines
UNSEEN = {"Cc", "Cf", "Co", "Cn"}  # zero width, marks of direction, private, unassigned
SKIPPED = re.compile(r"[\s'\"]*")


def safe(cell: object) -> str:
    """Return the cell as text that is never a formula and never leaves its line.

    Numbers of ours stay numbers, below zero too. In typed text, whatever a program may skip before
    it looks for a formula is skipped here as well, and NFKC sees through full-width twins.
    """
    if isinstance(cell, int):
        return str(cell)
    text = "".join(" " if category(it) in LINE_ENDS else it for it in str(cell))
    return f"'{text}" if _is_formula(text) else text


def _is_formula(text: str) -> bool:
    if text.isalnum():
        return False
    seen = "".join(it for it in normalize("NFKC", text) if category(it) not in UNSEEN)
    return SKIPPED.sub("", seen, count=1).startswith(FORMULA)


def row(cells: Iterable[object]) -> bytes:
    """Return one line of the file."""
    line = io.StringIO(newline="")
    csv.writer(line, lineterminator="\r\n").writerow([safe(cell) for cell in cells])
    return line.getvalue().encode()


class Sheet:
    """A file in the making. In memory it is as large as its squeezed content, and no larger."""

    def __init__(self) -> None:
        self._content = io.BytesIO()
        self._squeezing = gzip.GzipFile(fileobj=self._content, mode="wb", compresslevel=6, mtime=0)

    def add(self, cells: Iterable[object]) -> None:
        self._squeezing.write(row(cells))

    def close(self) -> bytes:
        """Return the content that is kept; nothing can be added afterwards."""
        self._squeezing.close()
        return self._content.getvalue()


def whole(*, export: Export) -> Iterator[bytes]:
    """Return a file as it was made, in parts."""
    kept = lines(bytes(export.content or b""))
    yield MARK
    while part := b"".join(islice(kept, LINES)):
        yield part


def lines(content: bytes) -> Iterator[bytes]:
    """Return the lines of a kept content; `safe` leaves no line end inside a cell."""
    return iter(gzip.GzipFile(fileobj=io.BytesIO(content)))
