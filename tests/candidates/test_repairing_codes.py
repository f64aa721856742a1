"""A mistyped code is repaired by one action: the partner's number changes by exactly that."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from candidates import crediting
from candidates.models import Touch
from partners import credits, links
from partners.letters import writing
from partners.models import Credit, Hold, Letter, LinkCode, Member, Partner, ReferralLink, User
from tests.conftest import NOON

LATER = NOON + timedelta(days=1)


@pytest.fixture
def nurses(db: None) -> ReferralLink:
    partner = Partner.objects.create(name="Example Nurses", slug="nurses")
    return ReferralLink.objects.create(partner=partner, code="nurse", label="E-mail")


@pytest.fixture
def raise_hand(sign_up, ada):
    def raise_hand(email: str, *codes: str):
        return sign_up(replace(ada, email=email), *codes)

    return raise_hand


def net() -> Counter[tuple[str, str]]:
    sums: Counter[tuple[str, str]] = Counter()
    for code, kind, amount in Credit.objects.values_list("link__code", "counts_as", "amount"):
        sums[code or "", kind] += amount
    return +sums


def repair(link, author, code="teech-ig"):
    return crediting.repair(code=code, link=link, author=author, now=LATER)


def test_codes_are_listed_once_however_they_are_spelled(raise_hand, link) -> None:
    raise_hand("a@example.org", "teech-ig")
    raise_hand("b@example.org", "TEECH_IG ")
    raise_hand("c@example.org", "poster")
    raise_hand("d@example.org", "teach-ig")

    found = [(it.code, it.sign_ups) for it in crediting.unknown()]

    assert found == [("teech-ig", 2), ("poster", 1)]
    assert {crediting.code_of(touch_id=it.touch_id) for it in crediting.unknown()} == {
        "teech-ig",
        "poster",
    }


def test_the_link_that_was_meant_is_suggested_first(link, nurses) -> None:
    ReferralLink.objects.create(partner=link.partner, code="teach-tiktok", label="TikTok")

    found = crediting.suggest(codes=["teech-ig", "nurs", "zzzzzz"])

    assert found["teech-ig"][0].link == link
    assert [it.code for it in found["nurs"]] == ["nurse"]
    assert found["zzzzzz"] == []


def test_a_link_is_found_by_code_label_or_partner(link, nurses) -> None:
    terms = ("teach", "instagram", "NURSES", "E-mail", " ", "nothing")

    found = [[it.code for it in crediting.find_links(term=term)] for term in terms]

    assert found == [["teach-ig"], ["teach-ig"], ["nurse"], ["nurse"], [], []]


def test_a_repair_moves_exactly_the_credit_of_who_came_with_the_code(
    raise_hand, link, nurses, staffer
) -> None:
    lost = raise_hand("a@example.org", "teech-ig")
    raise_hand("b@example.org", "Teech_IG")
    raise_hand("c@example.org", "teech-ig", "nurse")  # both at once: the last one wins
    raise_hand("d@example.org", "nurse")
    raise_hand("e@example.org", "poster")
    credits.give(candidate_uuids=[lost.id], kind=Credit.Kind.CONFIRMED, at=NOON)
    before = net()

    did = repair(link, staffer)

    gained = net()
    gained.subtract(before)
    changed = {place: it for place, it in gained.items() if it}
    assert (did.touches, did.moved, did.held) == (3, 2, 0)
    assert changed == {
        ("teach-ig", "signed_up"): 2,
        ("teach-ig", "confirmed"): 1,
        ("", "signed_up"): -2,
        ("", "confirmed"): -1,
    }
    assert not Touch.objects.filter(link=None).exclude(raw_code="poster").exists()
    line = Credit.objects.filter(kind="reassigned", amount=1).earliest("id")
    assert (line.at, line.recorded_at, line.author) == (NOON, LATER, staffer)
    assert line.reason == (
        "code repaired: last visit before sign-up, via 'Instagram bio', 5 minutes earlier"
    )


def test_from_then_on_the_code_leads_to_the_link(raise_hand, link, staffer) -> None:
    raise_hand("a@example.org", "teech-ig")

    repair(link, staffer)
    links.forget()
    raise_hand("b@example.org", "TEECH_IG")

    assert LinkCode.objects.get(code="teech-ig").link == link
    assert net() == {("teach-ig", "signed_up"): 2}


def test_the_preview_tells_what_the_repair_does_and_does_nothing(
    raise_hand, link, nurses, staffer
) -> None:
    raise_hand("a@example.org", "teech-ig")
    raise_hand("b@mailinator.com", "teech-ig")
    raise_hand("c@example.org", "teech-ig", "nurse")
    before = Credit.objects.count()

    told = crediting.preview(code="teech-ig", link=link, author=staffer, now=LATER)

    assert (told.people, told.moves, told.holds) == (3, 1, 1)
    assert Credit.objects.count() == before
    assert not LinkCode.objects.filter(code="teech-ig").exists()
    assert not Letter.objects.exists()
    did = repair(link, staffer)
    assert (did.moved, did.held) == (told.moves, told.holds)


def test_the_longest_code_that_folds_to_a_longer_one_is_repaired(raise_hand, link, staffer) -> None:
    raise_hand("a@example.org", "\u0390" * 127)  # each becomes three characters
    (unknown,) = crediting.unknown()

    assert repair(link, staffer, code=unknown.code).moved == 1


def test_repairing_again_does_nothing_and_another_link_cannot_have_the_code(
    raise_hand, link, nurses, staffer, organiser
) -> None:
    raise_hand("a@example.org", "teech-ig")
    repair(link, staffer)
    lines = Credit.objects.count()

    again = repair(link, staffer)

    assert (again.touches, again.moved) == (0, 0)
    with pytest.raises(crediting.CodeTaken):
        repair(nurses, staffer)
    assert Credit.objects.count() == lines
    assert Letter.objects.count() == 1


def test_the_managers_are_told_once_and_in_numbers(raise_hand, link, organiser, staffer) -> None:
    viewer = User.objects.create_user("viewer@example.org", full_name="Vi Ewer")
    Member.objects.create(user=viewer, partner=link.partner, role=Member.Role.VIEWER)
    raise_hand("a@example.org", "teech-ig")

    repair(link, staffer)

    letter = Letter.objects.get()
    assert (letter.kind, letter.recipient) == ("repaired", organiser.email)
    assert letter.facts == {
        "link": link.pk,
        "code": LinkCode.objects.get(code="teech-ig").pk,
        "people": 1,
    }
    written = writing.write(letter=letter, now=NOON)
    assert written.subject == "Sign-ups that were lost to “Instagram bio” count for you now"
    assert "“teech-ig”" in written.body
    assert "1 sign-up that had come that way is credited to you since" in written.body


def test_a_members_own_sign_up_is_held_in_a_repair_as_it_is_at_the_door(
    raise_hand, link, organiser, staffer
) -> None:
    candidate = raise_hand("organiser@example.org", "teech-ig")

    did = repair(link, staffer)

    assert (did.moved, did.held) == (0, 1)
    hold = Hold.objects.get()
    assert (hold.candidate_uuid, hold.link, hold.suspicion) == (
        candidate.id, link, "self_referral",
    )  # fmt: skip
    assert not Letter.objects.exists()
