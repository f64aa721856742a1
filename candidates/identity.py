"""When two sign-ups are one person: canonical e-mail, phone in E.164, ZIP code and state."""

import re
import unicodedata
from collections.abc import Sequence
from uuid import UUID

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Q
from django.db.models.functions import Coalesce

from candidates import zips
from candidates.models import Candidate

ZIP = re.compile(r"([0-9]{5})(?:-?[0-9]{4})?")
# How the labels of a domain begin that stand for other letters (RFC 5890, 2.3.1).
ENCODED = "xn--"
LONGEST_PHONE = len("+") + 15  # ITU-T E.164, 6.2.1


class UnusablePhone(ValueError):
    """Not a phone number that can be dialled from the United States."""


class UnknownZip(ValueError):
    """Not a ZIP code of five digits (or nine) that lies in a state or territory."""


class UnusableEmail(ValueError):
    """Not an address that one mailbox has and no other, written as everybody writes it."""


def canonical_email(email: str) -> str:
    """Return the form that is equal for equal mailboxes: normalised (NFKC) and in lower case.

    `xn--bcker-jua.example` and `böcker.example` are one domain.
    """
    name, at, domain = unicodedata.normalize("NFKC", email).strip().casefold().rpartition("@")
    return name + at + (_in_letters(domain) if ENCODED in domain else domain)


def _in_letters(domain: str) -> str:
    try:
        return domain.encode().decode("idna")
    except UnicodeError:
        return domain


def mailbox(typed: str) -> str:
    """Return the address to write to; raise UnusableEmail where that may be another one's.

    What is written to is what is compared: an address that looked like somebody's and was not
    theirs would take their place, and its bounce would bar them. Quotes and backslashes can be put
    around any letter, so that one mailbox had a thousand addresses; a number in brackets, or a name
    without a dot, is a machine of ours.
    """
    email = unicodedata.normalize("NFKC", typed).strip()
    name, _at, domain = email.rpartition("@")
    try:
        validate_email(email)
        # Python's codec is of 2003: it drops what can't be seen, and makes another domain of ß.
        is_one = domain.isascii() or domain.encode("idna").decode("idna") == domain.lower()
    except (ValidationError, UnicodeError):
        raise UnusableEmail(typed) from None
    if '"' in name or "." not in domain or "[" in domain or not is_one:
        raise UnusableEmail(typed)
    return email


def e164(phone: str) -> str:
    """Return the number as +15551234567; raise UnusablePhone where it can't exist."""
    try:
        number = phonenumbers.parse(phone, "US")
    except phonenumbers.NumberParseException as unreadable:
        raise UnusablePhone(phone) from unreadable
    if not phonenumbers.is_possible_number(number) or number.extension:
        raise UnusablePhone(phone)
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if len(written) > LONGEST_PHONE:
        raise UnusablePhone(phone)
    return written


def zip_to_state(zip_code: str) -> tuple[str, str]:
    """Return five digits and the state; raise UnknownZip where there is no such place."""
    found = ZIP.fullmatch(zip_code.strip())
    state = zips.state_of(found[1]) if found else None
    if not found or not state:
        raise UnknownZip(zip_code)
    return found[1], state


def leads_of(*, candidate_id: UUID) -> Sequence[Candidate]:
    """Return all leads that are this person: this one, and those that staff said are the same."""
    known = Candidate.objects.filter(pk=candidate_id)
    for kept_id in known.values_list(Coalesce("merged_into", "pk"), flat=True):
        theirs = Q(pk=kept_id) | Q(merged_into=kept_id)
        return list(Candidate.objects.filter(theirs).order_by("pk"))
    return []
