"""Finds the link behind a code, at the price of a dictionary look-up."""

from collections.abc import Iterator
from dataclasses import dataclass

from partners.models import ReferralLink
from partners.models.links import canonical_code
from recruit.memory import Kept

KEPT_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Link:
    """What the public paths need to know of a ReferralLink that is switched on or off."""

    id: int
    code: str
    partner_id: int
    partner_name: str


_kept: Kept[dict[str, Link]] = Kept(seconds=KEPT_SECONDS)
forget = _kept.forget


def resolve(*, raw: str) -> Link | None:
    """Return the link of a code as somebody typed it: usually without a query.

    A link made a moment ago may be unknown here for KEPT_SECONDS, so an unknown code is looked
    up, each time, before it is believed to be unknown.
    """
    code = canonical_code(raw)
    return _kept.get(_read_all).get(code) or _read_one(code)


def _read_all() -> dict[str, Link]:
    return {link.code: link for link in _rows()}


def _read_one(code: str) -> Link | None:
    # PostgreSQL takes no NUL in a text, and no stored code has one.
    return next(_rows(code=code), None) if code and "\0" not in code else None


def _rows(**only: str) -> Iterator[Link]:
    rows = ReferralLink.objects.filter(**only)
    return (Link(*row) for row in rows.values_list("id", "code", "partner_id", "partner__name"))
