"""When two sign-ups are one person: canonical e-mail, phone in E.164, ZIP code and state."""

import re
import unicodedata
from collections.abc import Sequence
from uuid import UUID

import phonenumbers
from django.db.models import Q
from django.db.models.functions import Coalesce

from candidates import zips
from candidates.models import Candidate

ZIP = re.compile(r"([0-9]{5})(?:-?[0-9]{4})?")
LONGEST_PHONE = len("+") + 15  # ITU-T E.164, 6.2.1


class UnusablePhone(ValueError):
    """Not a phone number that can be dialled from the United States."""


class UnknownZip(ValueError):
    """Not a ZIP code of five digits (or nine) that lies in a state or territory."""


def canonical_email(email: str) -> str:
    """Return the form that is equal for equal mailboxes: normalised (NFKC) and in lower case."""
    return unicodedata.normalize("NFKC", email).strip().casefold()


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
