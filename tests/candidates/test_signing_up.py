"""Somebody raises a hand: what the 302 promises."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from candidates import signup
from candidates.consent import Agreement
from candidates.models import (
    Candidate,
    Consent,
    FollowUp,
    PhoneConflict,
    Resubmission,
    Touch,
)
from candidates.signup import Answers
from partners import credits
from partners.models import Credit, Drive, ReferralLink
from partners.touches import Touch as Click
from tests import mails
from tests.conftest import NOON, SignUp
from tests.sink import Sink

EVERYTHING = (Candidate, Consent, Touch, Credit, FollowUp)


def written() -> list[int]:
    return [model.objects.count() for model in EVERYTHING]


def test_a_sign_up_leaves_all_that_was_promised(
    sign_up: SignUp, ada: Answers, link: ReferralLink
) -> None:
    candidate = sign_up(ada, "teach-ig")

    credit = Credit.objects.get()
    touch = candidate.touches.get()
    followup = candidate.followups.get()
    assert (credit.candidate_uuid, credit.link, credit.partner) == (
        candidate.id,
        link,
        link.partner,
    )
    assert (credit.kind, credit.amount, credit.at, credit.counted_at) == (
        "signed_up",
        1,
        NOON,
        None,
    )
    assert credit.reason == ("last visit before sign-up, via 'Instagram bio', 5 minutes earlier")
    assert (touch.link, touch.raw_code) == (link, "teach-ig")
    assert (followup.step, followup.state, followup.due_at) == (
        mails.step(mails.CONFIRM),
        "due",
        NOON,
    )
    assert candidate.consents.get().wording == "You may write to me."
    assert (candidate.state, candidate.stage) == ("NY", "raised_hand")


def test_a_sign_up_costs_one_statement(
    sign_up: SignUp, ada: Answers, link: ReferralLink, django_assert_num_queries
) -> None:
    sign_up(replace(ada, email="first@example.org"), "teach-ig")

    with django_assert_num_queries(2):  # the other one is the fixture's, to look at the result
        sign_up(ada, "teach-ig")


def test_an_unknown_code_is_kept_and_nobody_is_credited(sign_up: SignUp, ada: Answers) -> None:
    candidate = sign_up(ada, "teech-ig")

    assert [(it.raw_code, it.link) for it in candidate.touches.all()] == [("teech-ig", None)]
    assert Credit.objects.get().link is None


def test_signing_up_again_counts_nobody_twice(sign_up: SignUp, ada: Answers) -> None:
    sign_up(ada)
    before = written()

    sign_up(replace(ada, email="ADA@Example.org"))

    assert written() == before
    assert mails.places() == {mails.CONFIRM}


def test_who_comes_back_without_having_confirmed_is_reminded_sooner(
    sign_up: SignUp, ada: Answers, sink: Sink
) -> None:
    candidate = sign_up(ada)
    mails.send_due(clock=lambda: NOON)
    assert mails.of(candidate, mails.REMIND).due_at == NOON + timedelta(days=2)

    sign_up(ada, at=NOON + timedelta(minutes=6))

    assert mails.of(candidate, mails.REMIND).due_at == NOON + timedelta(days=1)
    assert len(sink.messages) == 1


def test_whoever_types_an_address_again_and_again_owes_it_no_more_mail(
    sign_up: SignUp, ada: Answers, sink: Sink
) -> None:
    candidate = sign_up(ada)

    for hours in range(0, 24 * 9, 3):
        sign_up(ada, at=NOON + timedelta(hours=hours))
        mails.send_due(clock=lambda hours=hours: NOON + timedelta(hours=hours))

    sent_at = list(candidate.followups.order_by("sent_at").values_list("sent_at", flat=True))
    assert len(sink.messages) == len(sent_at) == 3
    assert all(b - a >= timedelta(hours=24) for a, b in pairwise(sent_at))


def test_other_answers_are_kept_beside_the_first_ones(sign_up: SignUp, ada: Answers) -> None:
    sign_up(ada)

    for _ in range(2):
        sign_up(replace(ada, first_name="Adah", office="county"))

    assert Candidate.objects.get().first_name == "Ada"
    assert Resubmission.objects.get().answers["office"] == "county"


def test_the_same_answers_again_keep_nothing(sign_up: SignUp, ada: Answers) -> None:
    sign_up(ada)
    sign_up(ada)

    assert not Resubmission.objects.exists()


def test_what_a_repeat_agrees_to_and_where_it_came_from_is_kept(
    sign_up: SignUp, ada: Answers, link: ReferralLink
) -> None:
    """Nobody has shown that the address is theirs, so no consent comes of it: staff ask."""
    sign_up(ada)
    again = {
        "answers": ada,
        "agreements": [Agreement(Consent.Purpose.SHARE, "They may see it.", link.partner_id)],
        "touches": [Click("teach-ig", "", NOON)],
    }

    for _ in range(2):
        signup.sign_up(**again, now=NOON)

    kept = Resubmission.objects.get().answers
    assert (kept["agreed"], kept["codes"]) == (["They may see it."], ["teach-ig"])
    assert not Consent.objects.filter(purpose="share").exists()


def test_a_stranger_who_types_a_known_address_for_ever_fills_no_table(
    sign_up: SignUp, ada: Answers
) -> None:
    sign_up(ada)

    for number in range(signup.MOST_RESUBMISSIONS + 5):
        sign_up(replace(ada, motivation=f"Reason {number}"))

    assert Resubmission.objects.count() == signup.MOST_RESUBMISSIONS


def test_what_comes_later_is_credited_to_where_the_sign_up_was(
    sign_up: SignUp, ada: Answers, link: ReferralLink
) -> None:
    """Whatever other lines the candidate has: the sign-up's own line decides."""
    candidate = sign_up(ada, "teach-ig")
    for kind in (Credit.Kind.CONFIRMED, Credit.Kind.CALL_ATTENDED, Credit.Kind.FILED):
        credits.give(candidate_uuids=[candidate.id], kind=kind, at=NOON)

    lines = Credit.objects.filter(candidate_uuid=candidate.id)
    assert sorted(lines.values_list("kind", "counts_as", "link__code")) == [
        (kind, kind, "teach-ig") for kind in ("call_attended", "confirmed", "filed", "signed_up")
    ]


def test_a_phone_number_stays_with_whom_it_belongs_to(sign_up: SignUp, ada: Answers) -> None:
    ada_herself = sign_up(replace(ada, phone="+12125550100"))

    bob = sign_up(replace(ada, email="bob@example.org", first_name="Bob", phone="+12125550100"))

    conflict = PhoneConflict.objects.get()
    assert (bob.phone, conflict.candidate, conflict.held_by) == (None, bob, ada_herself)
    assert Credit.objects.count() == 2


def whole_or_nothing() -> bool:
    """The claim that the transaction makes: one of everything, or none of anything."""
    return written() in ([0, 0, 0, 0, 0], [1, 1, 1, 1, 1])


@pytest.fixture
def ledger_refuses(drive: Drive):
    """A ledger that takes no line, as when its disk is full."""
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE partners_credit ADD CONSTRAINT refuses CHECK (amount = 2) NOT VALID"
        )


def test_what_fails_in_the_middle_leaves_nothing(
    ledger_refuses: None, sign_up: SignUp, ada: Answers, link: ReferralLink
) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        sign_up(ada, "teach-ig")

    assert written() == [0, 0, 0, 0, 0]
    assert whole_or_nothing()


def test_a_broken_twin_that_writes_one_by_one_is_caught(
    ledger_refuses: None, sign_up: SignUp, ada: Answers, link: ReferralLink, monkeypatch
) -> None:
    """The same statement without its credit, and the credit after it: half of it stays."""
    whole = signup.SIGN_UP
    begin, end = whole.index(", credit AS ("), whole.index(", followup AS (")
    monkeypatch.setattr(signup, "SIGN_UP", whole[:begin] + whole[end:])
    sign_up(ada, "teach-ig")
    with pytest.raises(DatabaseError), transaction.atomic():
        Credit.objects.create(
            candidate_uuid=Candidate.objects.get().id,
            drive=Drive.objects.get(slug="day-2026"),
            kind="signed_up",
            counts_as="signed_up",
            at=NOON,
            recorded_at=NOON,
        )

    assert not whole_or_nothing()


@pytest.mark.django_db(transaction=True)
def test_twenty_identical_posts_at_once_make_one_person(
    drive: Drive, form_of_ada: dict[str, str]
) -> None:
    def post(_: int) -> tuple[int, str, bytes]:
        try:
            response = Client().post("/", form_of_ada)
            return response.status_code, response["Location"], response.content
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as people:
        replies = list(people.map(post, range(20)))

    assert set(replies) == {(302, "/thanks/", b"")}
    assert (Candidate.objects.count(), Credit.objects.count()) == (1, 1)
    assert FollowUp.objects.count() == 1
    assert not Resubmission.objects.exists()


def test_confirming_credits_once_and_owes_the_welcome(
    sign_up: SignUp, ada: Answers, link: ReferralLink
) -> None:
    candidate = sign_up(ada, "teach-ig")

    for minutes in (1, 2):
        signup.confirm(candidate_id=candidate.id, now=NOON + timedelta(minutes=minutes))

    confirmed = Credit.objects.get(kind="confirmed")
    assert (confirmed.link, confirmed.counts_as) == (link, "confirmed")
    assert mails.of(candidate, mails.WELCOME).due_at == NOON + timedelta(minutes=1)
    candidate.refresh_from_db()
    assert candidate.confirmed_at == NOON + timedelta(minutes=1)
