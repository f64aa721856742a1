"""Makes a partner's links and changes them; no code ever comes to mean another link."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from partners import links
from partners.models import Partner, ReferralLink

# A letter and a digit in turn spell no word. None looks like another (no 0 o 1 l i 5 s 2 z), sounds
# like another in English or Spanish (no b p d t v c g e a j n), or reads as a vowel (no 3 4).
LETTERS, DIGITS = "fhkmqrwxy", "26789"
MADE_UP = (LETTERS, DIGITS) * 3 + (LETTERS,)
MOST_TRIES = 20
# The portal's own address for making a link.
RESERVED = {"new"}
TAKEN = {"link_code_is_never_reused", "partners_referrallink_code_key"}


class CodeTaken(Exception):
    """Another link has this code, or once had it."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a partner says of a link."""

    label: str
    channel: str
    channel_name: str = ""
    destination: str = ReferralLink.Destination.FORM.value


def make(*, partner: Partner, facts: Facts, code: str = "", now: datetime) -> ReferralLink:
    """Make a link that works at once, under the given canonical code or one that is made up.

    Raises CodeTaken.
    """
    for attempt in [code] if code else (made_up_code() for _ in range(MOST_TRIES)):
        with suppress(CodeTaken), _code_may_be_taken():
            return ReferralLink.objects.create(
                partner=partner, code=attempt, created_at=now, **asdict(facts)
            )
    raise CodeTaken


def made_up_code() -> str:
    return "".join(secrets.choice(symbols) for symbols in MADE_UP)


def change(*, link: ReferralLink, facts: Facts) -> None:
    ReferralLink.objects.filter(pk=link.pk).update(**asdict(facts))
    links.renew()


def rename(*, link: ReferralLink, code: str) -> None:
    """Give a link another canonical code; all it had before lead to it for ever.

    Raises CodeTaken; a link may take back a code of its own.
    """
    with _code_may_be_taken():
        ReferralLink.objects.filter(pk=link.pk).update(code=code)


def switch_off(*, link: ReferralLink, now: datetime) -> None:
    """Idempotent: the first time stays. Its history is kept, and its visitors get to the form."""
    ReferralLink.objects.filter(pk=link.pk, switched_off_at=None).update(switched_off_at=now)
    links.renew()


def switch_on(*, link: ReferralLink) -> None:
    ReferralLink.objects.filter(pk=link.pk).update(switched_off_at=None)
    links.renew()


@contextmanager
def _code_may_be_taken() -> Iterator[None]:
    try:
        with transaction.atomic():
            yield
    except IntegrityError as refused:
        if _constraint(refused) in TAKEN:
            raise CodeTaken from refused
        raise
    links.renew()


def _constraint(refused: IntegrityError) -> str:
    diagnosis = getattr(refused.__cause__, "diag", None)
    return getattr(diagnosis, "constraint_name", None) or ""
