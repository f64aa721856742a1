"""Finds the link behind a code, at the price of a dictionary look-up."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse

from partners.models import LinkCode
from partners.models.links import ReferralLink, canonical_code
from recruit.memory import Kept

KEPT_SECONDS = 2.0
UNKNOWN_SECONDS = 1.0
MOST_UNKNOWN = 100


@dataclass(frozen=True, slots=True)
class Link:
    """What the public paths need to know of a ReferralLink that is switched on or off."""

    id: int
    code: str
    partner_id: int
    partner_name: str
    label: str
    destination: str = ReferralLink.Destination.FORM.value


class Unknown:
    """The codes that were looked up in vain in this second, as many as may be looked up in one.

    A flood of codes that nobody has, the same one or a new one each time, then costs a process
    MOST_UNKNOWN queries a second and no more.
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self._codes: set[str] = set()
        self._until = 0.0

    def spares_a_look(self, code: str) -> bool:
        if time.monotonic() > self._until:
            self._codes, self._until = set(), time.monotonic() + UNKNOWN_SECONDS
        if code in self._codes or len(self._codes) >= MOST_UNKNOWN:
            return True
        self._codes.add(code)
        return False


_kept: Kept[dict[str, Link]] = Kept(seconds=KEPT_SECONDS)
_unknown = Unknown()


def forget() -> None:
    """Remember nothing: the next one to ask reads all links from the database."""
    _kept.forget()
    _unknown.forget()


def renew() -> None:
    """Have the next one to ask read the links again: somebody has just changed one."""
    _kept.expire()
    _unknown.forget()


def resolve(*, raw: str) -> Link | None:
    """Return the link that has or ever had a code, as somebody typed it: usually without a query.

    A link made a moment ago by another process may be missing from memory for KEPT_SECONDS, so
    an unknown code is looked up before it is believed to be unknown, then for UNKNOWN_SECONDS
    not again. In a flood of unknown codes a new link may have to wait for KEPT_SECONDS.
    """
    code = canonical_code(raw)
    return _kept.get(_read_all).get(code) or _read_one(code)


def address_of(*, code: str) -> str:
    """Return the address a partner shares."""
    return f"{settings.BASE_URL}{reverse('machines:redirect', args=[code])}"


def _read_all() -> dict[str, Link]:
    return dict(_rows())


def _read_one(code: str) -> Link | None:
    # PostgreSQL takes no NUL in a text, and no stored code has one.
    if not code or "\0" in code or _unknown.spares_a_look(code):
        return None
    return dict(_rows(code=code)).get(code)


def _rows(**only: str) -> Iterator[tuple[str, Link]]:
    rows = LinkCode.objects.filter(**only).values_list(
        "code",
        "link_id",
        "link__code",
        "link__partner_id",
        "link__partner__name",
        "link__label",
        "link__destination",
        "link__switched_off_at",
    )
    for code, link_id, now_code, partner_id, partner_name, label, destination, off_at in rows:
        # What is switched off leads to the form: who comes all the same is not to be lost.
        leads_to = ReferralLink.Destination.FORM.value if off_at else destination
        yield code, Link(link_id, now_code, partner_id, partner_name, label, leads_to)
