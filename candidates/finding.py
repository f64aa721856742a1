"""Finds people from whatever staff type: e-mail, phone, ZIP code or name, each by its beginning.

Beginnings only, because an index answers them on a million leads; "contains" reads every row.
"""

import re

from django.db.models import Q, QuerySet
from django.db.models.functions import Collate, Lower

from candidates import identity
from candidates.models import Candidate, Consent, FollowUp

PHONE = re.compile(r"[\d\s()+.\-/]+")
ZIP_DIGITS = 5
# Whoever types one letter means nobody in particular: their mails are not all looked through.
MOST_PEOPLE = 200

# The same expressions as in the indexes candidate_by_name and candidate_by_first_name.
NAMES = {
    "last_name_c": Collate(Lower("last_name"), "C"),
    "first_name_c": Collate(Lower("first_name"), "C"),
}


def people(*, rows: QuerySet[Candidate], term: str) -> QuerySet[Candidate]:
    """Narrow to the people whose e-mail, phone, ZIP code or name begins like this."""
    term = _tidy(term)
    if not term:
        return rows
    if "@" in term:
        return rows.filter(email_canonical__startswith=identity.canonical_email(term))
    if PHONE.fullmatch(term):
        return rows.filter(**_number(term))
    return rows.alias(**NAMES).filter(_name(term.lower()))


def mails(*, rows: QuerySet[FollowUp], term: str) -> QuerySet[FollowUp]:
    """Narrow to the mails of the people whose e-mail address begins like this."""
    if not (term := _tidy(term)):
        return rows
    begins = identity.canonical_email(term) if "@" in term else term.lower()
    people = Candidate.objects.filter(email_canonical__startswith=begins)
    ids = people.order_by("email_canonical").values_list("pk", flat=True)[:MOST_PEOPLE]
    return rows.filter(candidate__in=list(ids))


def shared(*, rows: QuerySet[Consent], name: str = "", **answers: str) -> QuerySet[Consent]:
    """Narrow what a partner may see by the beginning of a name, and by answers."""
    for field, wanted in answers.items():
        if wanted:
            rows = rows.filter(**{f"candidate__{field}": wanted})
    if term := _tidy(name):
        named = Candidate.objects.alias(**NAMES).filter(_name(term.lower()))
        rows = rows.filter(candidate__in=named)
    return rows


def _tidy(term: str) -> str:
    return " ".join(term.replace("\x00", "").split())


def _number(term: str) -> dict[str, str]:
    """Up to five bare digits are a ZIP code; anything longer or dressed up is a phone number."""
    digits = re.sub(r"\D", "", term)
    if len(digits) <= ZIP_DIGITS and not re.search(r"[()+]", term):
        return {"zip_code__startswith": digits}
    national = digits if term.startswith("+") or len(digits) > 10 else f"1{digits}"
    return {"phone__startswith": f"+{national}"}


def _name(term: str) -> Q:
    """Match "last, first", "first last" at every place where it can be parted, or either alone."""
    if "," in term:
        last, _, first = term.partition(",")
        return _both(first.strip(), last.strip())
    words = term.split(" ")
    either = Q(last_name_c__startswith=term) | Q(first_name_c__startswith=term)
    for place in range(1, len(words)):
        either |= _both(" ".join(words[:place]), " ".join(words[place:]))
    return either


def _both(first: str, last: str) -> Q:
    return Q(last_name_c__startswith=last, first_name_c__startswith=first)
