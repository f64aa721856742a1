"""The promise: someone raises a hand, and everything that follows from it commits at once."""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction

from candidates import consent, doubles, followups, identity, suspicion
from candidates.consent import Agreement
from candidates.models import Candidate, Consent, PhoneConflict, Resubmission
from candidates.models import Sequence as Mails
from candidates.models.candidates import Door
from partners import credits, drives, links
from partners.models import Credit
from partners.touches import Touch

# One statement, one round trip, one transaction. Measured by bench/signup_statement.py against
# the same rows written by five INSERTs: see bench/README.md. Its parts are constants, of those
# modules that own the tables; what people typed goes in as parameters.
SIGN_UP = f"""
WITH person AS (
    INSERT INTO candidates_candidate (id, first_name, last_name, email, email_canonical, phone,
        zip_code, state, office, timeline, motivation, language, door, signed_up_at, stage)
    VALUES (%(id)s, %(first_name)s, %(last_name)s, %(email)s, %(email_canonical)s, %(phone)s,
        %(zip_code)s, %(state)s, %(office)s, %(timeline)s, %(motivation)s, %(language)s, %(door)s,
        %(now)s, 'raised_hand')
    ON CONFLICT DO NOTHING
    RETURNING id
), consents AS (
    {consent.SIGN_UP_CLAUSE}
), touches AS (
    INSERT INTO candidates_touch (candidate_id, link_id, raw_code, sub_source, at)
    SELECT person.id, touch.link_id, touch.raw_code, touch.sub_source, touch.at
    FROM person, unnest(%(touch_links)s::bigint[], %(touch_codes)s::text[],
        %(touch_sources)s::text[], %(touched_at)s::timestamptz[])
        AS touch (link_id, raw_code, sub_source, at)
), credit AS (
    {credits.SIGN_UP_CLAUSE}
), hold AS (
    {credits.HOLD_CLAUSE}
), followup AS (
    {followups.SIGN_UP_CLAUSE}
)
SELECT id FROM person
"""  # noqa: S608

# A stranger who types a known address again and again fills no table.
MOST_RESUBMISSIONS = 20


@dataclass(frozen=True, slots=True)
class Answers:
    """What a person told us, as their door checked it: no field is longer than its column."""

    first_name: str
    last_name: str
    email: str
    zip_code: str
    office: str
    timeline: str
    phone: str = ""
    motivation: str = ""
    language: str = "en"


def sign_up(
    *,
    answers: Answers,
    agreements: list[Agreement],
    touches: Sequence[Touch] = (),
    door: Door = Door.FORM,
    address: str = "",
    device_of: Collection[int] = (),
    now: datetime,
) -> None:
    """Take a sign-up; when this returns, it is kept, credited, counted soon, and owed a mail.

    `address` is where the request came from, and `device_of` whose members log in there: looked at
    for bursts and self-referral, and stored nowhere. Under a suspicion the person counts, and the
    credit waits for staff to look.

    Idempotent by canonical e-mail: a repeat writes no second candidate and no second credit, and
    the caller can't tell. Different answers in a repeat are kept beside the first ones. A phone
    number that belongs to someone else stays theirs, and staff are asked.
    Raises identity.UnknownZip.
    """
    row = _row(answers, agreements, touches, door, now)
    row |= _decision(row["email_canonical"], touches, address, device_of, now)
    if not _insert(row):
        _take_again(answers, row, now)


def _row(
    answers: Answers,
    agreements: list[Agreement],
    touches: Sequence[Touch],
    door: Door,
    now: datetime,
) -> dict[str, Any]:
    zip_code, state = identity.zip_to_state(answers.zip_code)
    email_canonical = identity.canonical_email(answers.email)
    return {
        "id": uuid4(),
        "first_name": answers.first_name,
        "last_name": answers.last_name,
        "email": answers.email,
        "email_canonical": email_canonical,
        "phone": answers.phone or None,
        "zip_code": zip_code,
        "state": state,
        "office": answers.office,
        "timeline": answers.timeline,
        "motivation": answers.motivation,
        "language": answers.language,
        "door": door.value,
        "now": now,
        **consent.parameters(agreements),
        **followups.parameters(now=now),
        **_touch_parameters(touches),
    }


def _decision(
    email: str, touches: Sequence[Touch], address: str, device_of: Collection[int], now: datetime
) -> dict[str, Any]:
    drive = drives.current(now=now)
    decision = credits.decide(touches=touches, drive=drive, at=now)
    link = decision.link
    doubt = suspicion.of(email=email, link=link, address=address, device_of=device_of)
    return replace(decision, suspicion=doubt).parameters(drive)


def _touch_parameters(touches: Sequence[Touch]) -> dict[str, Any]:
    found = [links.resolve(raw=touch.raw_code) for touch in touches]
    return {
        "touch_links": [link and link.id for link in found],
        "touch_codes": [touch.raw_code for touch in touches],
        "touch_sources": [touch.sub_source for touch in touches],
        "touched_at": [touch.at for touch in touches],
    }


def _insert(row: dict[str, Any]) -> bool:
    """Write every row of a sign-up; False, and nothing written, where the person is known."""
    with connection.cursor() as cursor:
        cursor.execute(SIGN_UP, row)
        return cursor.fetchone() is not None


def _take_again(answers: Answers, row: dict[str, Any], now: datetime) -> None:
    """The e-mail is known, or the phone is somebody else's."""
    found = Candidate.objects.select_related("merged_into")
    known = found.filter(email_canonical=row["email_canonical"]).first()
    if known:
        known = known.merged_into or known
        _keep_beside(known, asdict(answers) | _agreed_and_came(row), now)
        followups.hasten_confirmation(candidate=known, now=now)
    else:
        _sign_up_without_phone(answers, row, now)


def _sign_up_without_phone(answers: Answers, row: dict[str, Any], now: datetime) -> None:
    with transaction.atomic():
        if not _insert(row | {"phone": None}):
            return  # the same person, at the same moment, in another request
        for holder in Candidate.objects.filter(phone=answers.phone):
            PhoneConflict.objects.create(
                candidate_id=row["id"], held_by=holder, phone=answers.phone, noticed_at=now
            )


def _agreed_and_came(row: dict[str, Any]) -> dict[str, Any]:
    """What a repeat says beyond its answers: who may see them, and which links were clicked."""
    shared = zip(row["purposes"], row["wordings"], strict=True)
    return {
        "agreed": [wording for purpose, wording in shared if purpose == Consent.Purpose.SHARE],
        "codes": row["touch_codes"],
    }


def _keep_beside(known: Candidate, told: dict[str, Any], now: datetime) -> None:
    """Keep what is new in a repeat. The same again keeps nothing more."""
    if told == _kept_first(known, told):
        return
    digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
    if known.resubmissions.count() < MOST_RESUBMISSIONS:
        repeat = Resubmission(candidate=known, answers=told, digest=digest, at=now)
        Resubmission.objects.bulk_create([repeat], ignore_conflicts=True)


def _kept_first(known: Candidate, told: dict[str, Any]) -> dict[str, Any]:
    """Return what we have already of what was told now."""
    agreed = told["agreed"] and known.consents.values_list("wording", flat=True)
    codes = told["codes"] and known.touches.values_list("raw_code", flat=True)
    answers = {name: getattr(known, name) or "" for name in told if name not in ("agreed", "codes")}
    return answers | {
        "agreed": [it for it in told["agreed"] if it in agreed],
        "codes": [it for it in told["codes"] if it in codes],
    }


def confirm(*, candidate_id: UUID, now: datetime) -> None:
    """Take somebody's word that the address is theirs; idempotent. They are owed the welcome.

    Who is another lead, as staff said, counts as confirmed there.
    """
    with transaction.atomic():
        unconfirmed = Candidate.objects.filter(id=candidate_id, confirmed_at=None)
        if unconfirmed.update(confirmed_at=now):
            credits.give(
                candidate_uuids=[candidate_id],
                kind=Credit.Kind.CONFIRMED,
                at=now,
                holders=doubles.holders_of(candidate_id=candidate_id),
            )
            followups.start(candidate_ids=[candidate_id], trigger=Mails.Trigger.CONFIRMED, at=now)
