"""A mistake in the ledger is corrected by lines that say so, once, whoever else is at it."""

import threading
from collections import Counter
from dataclasses import replace

import pytest
from django.db import connection

from partners import credits, milestones
from partners.models import Credit, Partner, ReferralLink, Tally
from tests.conftest import NOON

LATER = NOON.replace(hour=20)


@pytest.fixture
def nurses(db: None) -> ReferralLink:
    partner = Partner.objects.create(name="Example Nurses", slug="nurses")
    return ReferralLink.objects.create(partner=partner, code="nurse", label="E-mail")


@pytest.fixture
def confirmed(sign_up, ada, link):
    candidate = sign_up(ada, "teach-ig")
    credits.give(candidate_uuids=[candidate.id], kind=Credit.Kind.CONFIRMED, at=NOON)
    return candidate


def reassign(candidate, link, author):
    return credits.reassign(
        candidate_uuids=[candidate.id], link=link, reason="it was theirs", author=author, now=LATER
    )


def net() -> Counter[tuple[str, str]]:
    sums: Counter[tuple[str, str]] = Counter()
    for code, kind, amount in Credit.objects.values_list("link__code", "counts_as", "amount"):
        sums[code or "", kind] += amount
    return +sums


def corrections() -> list[tuple[object, ...]]:
    lines = Credit.objects.filter(kind__in=Credit.CORRECTIONS).order_by("id")
    return list(lines.values_list("kind", "counts_as", "amount", "link__code"))


def test_reassigning_moves_every_kind_by_two_lines_that_say_who_and_why(
    confirmed, nurses, staffer
) -> None:
    assert reassign(confirmed, nurses, staffer) == 1

    assert corrections() == [
        ("reassigned", "signed_up", -1, "teach-ig"),
        ("reassigned", "signed_up", 1, "nurse"),
        ("reassigned", "confirmed", -1, "teach-ig"),
        ("reassigned", "confirmed", 1, "nurse"),
    ]
    line = Credit.objects.latest("id")
    assert (line.at, line.recorded_at, line.state, line.office) == (NOON, LATER, "NY", "council")
    assert (line.author, line.reason, line.partner) == (staffer, "it was theirs", nurses.partner)


def test_reassigning_again_writes_nothing(confirmed, nurses, staffer) -> None:
    assert [reassign(confirmed, nurses, staffer) for _ in range(3)] == [1, 0, 0]
    assert len(corrections()) == 4


def test_credit_may_go_to_nobody_and_come_back(confirmed, link, staffer) -> None:
    reassign(confirmed, None, staffer)
    nobody = net()
    reassign(confirmed, link, staffer)

    assert nobody == {("", "signed_up"): 1, ("", "confirmed"): 1}
    assert net() == {("teach-ig", "signed_up"): 1, ("teach-ig", "confirmed"): 1}


def test_what_comes_later_follows_the_credit_to_where_it_is_now(confirmed, nurses, staffer) -> None:
    reassign(confirmed, nurses, staffer)

    credits.give(candidate_uuids=[confirmed.id], kind=Credit.Kind.FILED, at=LATER)

    assert Credit.objects.get(kind="filed").link == nurses


def test_a_voided_sign_up_counts_for_nobody_and_neither_does_what_comes_later(
    confirmed, nurses, staffer
) -> None:
    words = {"candidate_uuids": [confirmed.id], "reason": "a joke", "author": staffer}
    counts = [credits.void(**words, now=LATER) for _ in range(2)]
    credits.give(candidate_uuids=[confirmed.id], kind=Credit.Kind.FILED, at=LATER)

    assert counts == [1, 0]
    assert net() == {}
    assert Credit.objects.filter(kind="filed", amount=1).count() == 1
    assert reassign(confirmed, nurses, staffer) == 0


def test_what_was_voided_by_mistake_is_given_back_once(confirmed, staffer) -> None:
    words = {"candidate_uuids": [confirmed.id], "reason": "a mistake", "author": staffer}
    credits.void(**words, now=LATER)

    counts = [credits.restore(**words, now=LATER) for _ in range(2)]

    assert counts == [1, 0]
    assert net() == {("teach-ig", "signed_up"): 1, ("teach-ig", "confirmed"): 1}


def test_the_tallies_follow_in_the_hour_in_which_it_happened(confirmed, nurses, staffer) -> None:
    milestones.fold(now=NOON)
    reassign(confirmed, nurses, staffer)
    milestones.fold(now=LATER)

    tallies = Tally.objects.filter(kind="signed_up", hour_at=NOON)
    assert dict(tallies.values_list("link__code", "value")) == {"teach-ig": 0, "nurse": 1}
    assert milestones.drift() == []


def test_correcting_twenty_takes_as_many_statements_as_correcting_two(
    sign_up, ada, link, nurses, staffer, django_assert_num_queries
) -> None:
    people = [sign_up(replace(ada, email=f"{n}@example.org"), "teach-ig").id for n in range(22)]
    words = {"link": nurses, "reason": "theirs", "author": staffer, "now": LATER}

    for few_or_many in (people[:2], people[2:]):
        with django_assert_num_queries(
            10
        ):  # two savepoints, their ends, lock, lines, new, drives, act, holds
            credits.reassign(candidate_uuids=few_or_many, **words)


@pytest.mark.django_db(transaction=True)
def test_eight_colleagues_at_once_move_a_credit_once(sign_up, ada, link, nurses, staffer) -> None:
    people = [sign_up(replace(ada, email=f"{n}@example.org"), "teach-ig").id for n in range(6)]
    moved: list[int] = []

    def at_the_same_time(step: int) -> None:
        try:
            if step > 0:
                kind = Credit.Kind.CONFIRMED
                credits.give(candidate_uuids=people[::step], kind=kind, at=LATER)
            words = {"link": nurses, "reason": "theirs", "author": staffer, "now": LATER}
            moved.append(credits.reassign(candidate_uuids=people[::step], **words))
        finally:
            connection.close()

    threads = [threading.Thread(target=at_the_same_time, args=(step,)) for step in (1, -1) * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(moved) == 8
    assert net() == {("nurse", "signed_up"): 6, ("nurse", "confirmed"): 6}
    taken = Credit.objects.filter(kind="reassigned", amount=-1, counts_as="signed_up")
    assert taken.count() == 6
