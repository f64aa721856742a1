"""What the audit says of holds and corrections: each kind of damage by its own line."""

from dataclasses import replace

import pytest
from django.utils import timezone

from candidates.audit import corrections
from candidates.models import Candidate
from candidates.signup import Answers
from partners import credits
from partners.models import Credit, Hold, Partner, ReferralLink, User
from tests.conftest import SignUp
from tests.day.test_audit import execute

TWICE = "people who count twice, or less than nothing"
TWO_LINKS = "people whose credit stands at two links"
UNEVEN = "moves that give other than they take"
HELD = "held credits that a partner has all the same"
RELEASED = "released credits that never reached their link"
LINES = "first lines that are not plus one of their kind"
UNTOLD = "change of the counts that nobody was told of"
COPY = """
INSERT INTO partners_credit (candidate_uuid, drive_id, link_id, partner_id, kind, counts_as,
    amount, at, recorded_at, reason)
SELECT candidate_uuid, drive_id, {link}, partner_id, '{kind}', counts_as, {amount}, at,
    recorded_at, reason FROM partners_credit WHERE {which}
"""


@pytest.fixture
def corrected(
    sign_up: SignUp, ada: Answers, link: ReferralLink, staffer: User
) -> dict[str, Candidate]:
    """People to whom each thing happened that may happen, by what it was."""
    nurses = Partner.objects.create(name="Example Nurses", slug="nurses")
    nurse = ReferralLink.objects.create(partner=nurses, code="nurse", label="E-mail")
    now = timezone.now()
    words = {"author": staffer, "now": now}
    people = {
        name: sign_up(replace(ada, email=f"{name}@{domain}"), "teach-ig", at=now)
        for name, domain in [
            *((it, "example.org") for it in ("untouched", "moved", "voided", "restored")),
            *((it, "mailinator.com") for it in ("waiting", "released", "refused", "taken")),
        ]
    }
    ids = {name: [it.id] for name, it in people.items()}
    holds = {it.candidate_uuid: it.pk for it in Hold.objects.all()}
    for name in ("untouched", "moved", "waiting", "released"):
        credits.give(candidate_uuids=ids[name], kind=Credit.Kind.CONFIRMED, at=now)
    for name in ("voided", "restored"):
        credits.void(candidate_uuids=ids[name], reason="a joke", **words)
    credits.restore(candidate_uuids=ids["restored"], reason="no joke", **words)
    for name in ("released", "taken"):
        credits.release(hold_ids=[holds[ids[name][0]]], **words)
    credits.refuse(hold_ids=[holds[ids["refused"][0]]], **words)
    for name in ("moved", "taken"):
        credits.reassign(candidate_uuids=ids[name], link=nurse, reason="theirs", **words)
    return people


def off() -> set[str]:
    return {it.name for it in corrections.always() if not it.is_ok}


def test_nothing_is_off_where_nothing_was_damaged(corrected: dict[str, Candidate]) -> None:
    assert Hold.objects.filter(settled_at=None).count() == 1
    assert off() == set()


ITS_LINK = "(SELECT min(id) FROM partners_referrallink)"
SIGN_UP = "WHERE kind = 'signed_up'"


@pytest.mark.parametrize(
    ("who", "kind", "amount", "place", "expected"),
    [
        ("untouched", "voided", -1, "link_id", set()),
        ("untouched", "voided", 1, "link_id", {TWICE}),
        ("untouched", "voided", -1, "NULL", {TWICE}),
        ("untouched", "reassigned", 1, "NULL", {TWICE, TWO_LINKS, UNEVEN}),
        ("untouched", "reassigned", -1, "link_id", {UNEVEN}),
        ("voided", "voided", -1, "link_id", {TWICE}),
        ("waiting", "voided", 1, ITS_LINK, {TWICE, TWO_LINKS, HELD}),
    ],
)
def test_a_line_that_should_not_be_there_is_found(
    corrected: dict[str, Candidate],
    who: str,
    kind: str,
    amount: int,
    place: str,
    expected: set[str],
) -> None:
    which = f"kind = 'signed_up' AND candidate_uuid = '{corrected[who].id}'"
    execute(COPY.format(kind=kind, amount=amount, link=place, which=which))

    assert off() == expected | {UNTOLD}


LEDGER, MOVES = "partners_credit", "DELETE FROM partners_credit WHERE kind = 'reassigned'"


@pytest.mark.parametrize(
    ("who", "damage", "expected"),
    [
        ("untouched", f"UPDATE {LEDGER} SET amount = -1 {SIGN_UP}", {LINES}),
        ("untouched", f"UPDATE {LEDGER} SET counts_as = 'filed' {SIGN_UP}", {LINES}),
        ("moved", f"UPDATE {LEDGER} SET at = at - interval '1 h' WHERE amount = -1", {UNEVEN}),
        ("moved", f"{MOVES} AND counts_as = 'confirmed'", {TWO_LINKS}),
        ("moved", f"{MOVES} AND amount = 1", {UNEVEN, UNTOLD}),
        ("waiting", f"UPDATE {LEDGER} SET link_id = {ITS_LINK} {SIGN_UP}", {HELD}),
        ("released", MOVES, {RELEASED}),
        ("refused", "UPDATE partners_hold SET outcome = 'released' WHERE TRUE", {RELEASED}),
        ("taken", f"{MOVES} AND reason = 'theirs'", set()),
        ("taken", MOVES, {RELEASED}),
    ],
)
def test_damage_is_found_by_the_line_that_names_it(
    corrected: dict[str, Candidate], who: str, damage: str, expected: set[str]
) -> None:
    execute(f"{damage} AND candidate_uuid = '{corrected[who].id}'")

    assert off() == expected


def test_an_act_that_nobody_was_told_of_is_found(corrected: dict[str, Candidate]) -> None:
    credits.give(
        candidate_uuids=[corrected["voided"].id], kind=Credit.Kind.CONFIRMED, at=timezone.now()
    )
    assert off() == set()

    execute("DELETE FROM partners_correction WHERE deed = 'voided'")

    assert off() == {UNTOLD}
