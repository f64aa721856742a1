"""What looks wrong is held, never dropped: the person counts, the partner waits for staff."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from candidates import signup, suspicion
from candidates.consent import Agreement
from candidates.models import Candidate, Consent
from candidates.signup import Answers
from partners import credits
from partners.models import Credit, Drive, Hold, ReferralLink, User
from partners.touches import Touch
from tests.conftest import NOON

SOMEWHERE = "8.8.4.77"
Raise = Callable[..., Candidate]


@pytest.fixture
def raise_hand(drive: Drive, link: ReferralLink, ada: Answers) -> Raise:
    def raise_hand(email: str, *, code: str = "teach-ig", address: str = "") -> Candidate:
        signup.sign_up(
            answers=replace(ada, email=email),
            agreements=[Agreement(Consent.Purpose.CONTACT, "You may write to me.")],
            touches=[Touch(code, "", NOON)] if code else [],
            address=address,
            now=NOON,
        )
        return Candidate.objects.get(email=email)

    return raise_hand


def held() -> list[tuple[str, str]]:
    return list(Hold.objects.order_by("id").values_list("suspicion", "link__code"))


@pytest.mark.parametrize(
    "email", ["organiser@example.org", "Organiser@Example.org", "organiser+me@example.org"]
)
def test_a_members_own_sign_up_counts_and_is_held(raise_hand, organiser, email) -> None:
    candidate = raise_hand(email)

    line = Credit.objects.get()
    assert (line.candidate_uuid, line.amount, line.link, line.partner) == (
        candidate.id, 1, None, None,
    )  # fmt: skip
    assert line.reason.startswith("withheld (self_referral): last visit before sign-up, via 'Inst")
    assert held() == [("self_referral", "teach-ig")]


def test_both_names_of_a_google_mailbox_are_its_members(raise_hand, organiser) -> None:
    User.objects.filter(pk=organiser.pk).update(email="olu.organ@gmail.com")

    for email in ("oluorgan@googlemail.com", "o.lu.organ+2@gmail.com"):
        raise_hand(email)

    assert held() == [("self_referral", "teach-ig")] * 2


def test_a_member_of_another_partner_is_nobody_special(raise_hand, organiser, link) -> None:
    other = link.partner.__class__.objects.create(name="Example Nurses", slug="nurses")
    ReferralLink.objects.create(partner=other, code="nurse", label="E-mail")

    raise_hand("organiser@example.org", code="nurse")

    assert held() == []
    assert Credit.objects.get().link.code == "nurse"


@pytest.mark.parametrize(
    ("email", "expected"),
    [
        ("x@mailinator.com", "disposable"),
        ("x@box.Mailinator.com", "disposable"),
        ("x@example.org", None),
        ("x@notmailinator.example.org", None),
    ],
)
def test_an_address_to_throw_away_is_held(raise_hand, email, expected) -> None:
    raise_hand(email)

    assert held() == ([(expected, "teach-ig")] if expected else [])


def test_nothing_is_held_of_those_who_came_by_themselves(raise_hand, organiser) -> None:
    for email in ("organiser@example.org", "x@mailinator.com"):
        raise_hand(email, code="", address=SOMEWHERE)

    assert held() == []


def test_a_burst_through_one_link_from_one_network_is_held_from_the_21st_on(raise_hand) -> None:
    for number in range(suspicion.MOST_AT_ONCE + 2):
        raise_hand(f"{number}@example.org", address=f"8.8.4.{number}")
    raise_hand("elsewhere@example.org", address="8.8.5.1")

    assert held() == [("burst", "teach-ig")] * 2
    assert Credit.objects.filter(link__code="teach-ig").count() == suspicion.MOST_AT_ONCE + 1
    assert Credit.objects.count() == suspicion.MOST_AT_ONCE + 3


@pytest.mark.parametrize("address", ["127.0.0.1", "10.2.3.4", "::1", "", "testserver"])
def test_who_hides_behind_our_own_proxy_is_no_burst(address) -> None:
    notes = [suspicion.bursts.note(link_id=1, address=address) for _ in range(50)]

    assert not any(notes)


def test_a_slow_stream_is_no_burst_and_a_full_memory_forgets_the_oldest(monkeypatch) -> None:
    at = [1_000.0]
    monkeypatch.setattr("candidates.suspicion.time.monotonic", lambda: at[0])
    monkeypatch.setattr(suspicion, "MOST_REMEMBERED", 10)
    bursts = suspicion.Bursts()

    slow = []
    for _ in range(60):
        at[0] += 31
        slow.append(bursts.note(link_id=1, address="2001:4860::1"))
    for number in range(100):
        bursts.note(link_id=number, address=SOMEWHERE)

    assert not any(slow)
    assert len(bursts._seen) <= 10
    assert not any(SOMEWHERE.encode() in who for who in bursts._seen)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("8.8.4.77", "8.8.4.0/24"),
        ("::ffff:8.8.4.77", "8.8.4.0/24"),
        ("2001:4860:1:2:3::9", "2001:4860:1:2::/64"),
    ],
)
def test_a_network_is_a_24_or_a_64(address, network) -> None:
    assert suspicion.network_of(address) == network


def test_a_held_sign_up_costs_one_statement_as_well(raise_hand, organiser, settings) -> None:
    raise_hand("warm@example.org")

    with CaptureQueriesContext(connection) as queries:
        raise_hand("x@mailinator.com")

    written = [it for it in queries if "INSERT" in it["sql"]]
    assert len(written) == 1
    assert len(queries) == 2  # the other one is the fixture's, to look at the result


def test_the_form_says_the_same_to_whom_it_holds(
    drive, link, form_of_ada, settings, client: Client
) -> None:
    settings.PROXY_HOPS = 0
    answers = []
    for email in ("ada@example.org", "ada@mailinator.com"):
        client.get("/r/teach-ig")
        answers.append(client.post("/", form_of_ada | {"email": email}, REMOTE_ADDR=SOMEWHERE))

    assert [(it.status_code, it["Location"]) for it in answers] == [(302, "/thanks/")] * 2
    assert held() == [("disposable", "teach-ig")]
    assert list(suspicion.bursts._seen) != []


def test_staff_credit_what_was_held_with_all_that_came_since(
    raise_hand, organiser, staffer: User
) -> None:
    candidate = raise_hand("x@mailinator.com")
    credits.give(candidate_uuids=[candidate.id], kind=Credit.Kind.CONFIRMED, at=NOON)
    hold = Hold.objects.get()

    counts = [credits.release(hold_ids=[hold.pk], author=staffer, now=NOON) for _ in range(2)]

    hold.refresh_from_db()
    gained = Credit.objects.filter(link__code="teach-ig", amount=1)
    assert counts == [1, 0]
    assert sorted(gained.values_list("counts_as", flat=True)) == ["confirmed", "signed_up"]
    assert (hold.outcome, hold.settled_by, hold.settled_at) == ("released", staffer, NOON)


def test_staff_leave_with_nobody_what_was_held_rightly(raise_hand, staffer: User) -> None:
    raise_hand("x@mailinator.com")
    hold = Hold.objects.get()

    credits.refuse(hold_ids=[hold.pk], author=staffer, now=NOON)
    again = credits.release(hold_ids=[hold.pk], author=staffer, now=NOON)

    hold.refresh_from_db()
    assert (hold.outcome, again) == ("refused", 0)
    assert not Credit.objects.exclude(link=None).exists()


def test_what_is_voided_stays_held_until_it_is_restored(raise_hand, staffer: User) -> None:
    candidate = raise_hand("x@mailinator.com")
    words = {"candidate_uuids": [candidate.id], "reason": "a mistake", "author": staffer}
    hold = Hold.objects.get()
    credits.void(**words, now=NOON)

    while_voided = credits.release(hold_ids=[hold.pk], author=staffer, now=NOON)
    credits.restore(**words, now=NOON)
    afterwards = credits.release(hold_ids=[hold.pk], author=staffer, now=NOON)

    assert (while_voided, afterwards) == (0, 1)
    assert Credit.objects.latest("id").link == hold.link
