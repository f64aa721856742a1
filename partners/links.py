"""Finds the link behind a code, at the price of a dictionary look-up."""

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import OperationalError

from partners.models import ReferralLink

KEPT_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Link:
    """What the public paths need to know of a ReferralLink that is switched on or off."""

    id: int
    code: str
    partner_id: int
    partner_name: str


logger = logging.getLogger(__name__)

_by_code: dict[str, Link] = {}
_read_at = float("-inf")


def canonical_code(raw: str) -> str:
    """Return the form codes are stored in: case folded, `_` and `-` equal."""
    return raw.strip().casefold().replace("_", "-")


def resolve(*, raw: str) -> Link | None:
    """Return the link of a code as somebody typed it; at most one query, usually none.

    A link made a moment ago may be unknown here for KEPT_SECONDS, so an unknown code is looked
    up once before it is believed to be unknown.
    """
    code = canonical_code(raw)
    if time.monotonic() - _read_at > KEPT_SECONDS:
        _read_all()
    return _by_code.get(code) or _read_one(code)


def forget() -> None:
    """Forget what was read: the next resolve asks the database."""
    global _read_at  # noqa: PLW0603 - one cache per process
    _read_at = float("-inf")


def _read_all() -> None:
    global _by_code, _read_at  # noqa: PLW0603 - one cache per process
    _read_at = time.monotonic()
    try:
        _by_code = {link.code: link for link in _rows()}
    except OperationalError:
        if not _by_code:
            raise
        logger.warning("links are served from memory: PostgreSQL is away")


def _read_one(code: str) -> Link | None:
    # PostgreSQL takes no NUL in a text, and no stored code has one.
    return next(_rows(code=code), None) if code and "\0" not in code else None


def _rows(**only: str) -> Iterator[Link]:
    rows = ReferralLink.objects.filter(**only)
    return (Link(*row) for row in rows.values_list("id", "code", "partner_id", "partner__name"))
