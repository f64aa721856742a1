"""Staff correct and repair credit on pages of their own, and see what came of it."""

from collections import Counter

import pytest

from candidates.models import Touch
from partners import credits
from partners.models import Credit, LinkCode, Partner, ReferralLink

pytestmark = pytest.mark.django_db
LEADS = "/admin/candidates/candidate/"
CODES = f"{LEADS}codes/"


@pytest.fixture
def nurses(db: None) -> ReferralLink:
    partner = Partner.objects.create(name="Example Nurses", slug="nurses")
    return ReferralLink.objects.create(partner=partner, code="nurse-mail", label="E-mail")


@pytest.fixture
def came_with(lead, now):
    """Raise a hand with a code: `came_with("nurse-mial", "Ada")`."""

    def raise_hand(code: str, name: str, **fields):
        candidate = lead(name, organic=True, **fields)
        return Touch.objects.create(candidate=candidate, raw_code=code, at=now)

    return raise_hand


def net() -> Counter[str]:
    """What each link is credited with, all kinds and corrections together; none: organic."""
    sums: Counter[str] = Counter()
    for code, amount in Credit.objects.values_list("link__code", "amount"):
        sums[code or ""] += amount
    return +sums


def said(answer) -> str:
    return " ".join(str(it) for it in answer.context["messages"])


def listed(client, choice) -> set[str]:
    page = client.get(LEADS, {"partner": choice})
    return {it.first_name for it in page.context_data["cl"].result_list}


def test_the_leads_of_a_partner_are_those_it_is_credited_with_now(
    lead, link, nurses, sam, desk_of, now
) -> None:
    ada, bo, cy, di = lead("Ada"), lead("Bo"), lead("Cy", organic=True), lead("Di")
    lead("Eve"), lead("Flo", organic=True)
    words = {"reason": "we looked", "author": sam, "now": now}
    credits.reassign(candidate_uuids=[ada.pk, cy.pk], link=nurses, **words)
    credits.void(candidate_uuids=[bo.pk, di.pk], **words)
    credits.restore(candidate_uuids=[di.pk], **words)
    staff = desk_of(sam)

    found = [listed(staff, it) for it in (link.partner_id, nurses.partner_id, "none")]

    assert found == [{"Di", "Eve"}, {"Ada", "Cy"}, {"Flo"}]


def test_unknown_codes_are_listed_with_what_was_perhaps_meant(
    came_with, nurses, sam, desk_of
) -> None:
    came_with("nurse-mial", "Ada"), came_with("Nurse_Mial", "Bo"), came_with("zzz", "Cy")

    page = desk_of(sam).get(CODES)

    rows = [
        (it.code, it.sign_ups, [found.link for found in likely])
        for it, likely in page.context_data["rows"]
    ]
    assert rows == [("nurse-mial", 2, [nurses]), ("zzz", 1, [])]
    assert b"nurse-mail" in page.content


def test_without_unknown_codes_the_page_says_so(sam, desk_of) -> None:
    assert b"No unknown codes" in desk_of(sam).get(CODES).content


def test_a_repair_is_shown_beforehand_and_moves_exactly_that(
    came_with, lead, link, nurses, sam, desk_of
) -> None:
    touch = came_with("nurse-mial", "Ada")
    came_with("NURSE_MIAL", "Bo"), came_with("zzz", "Cy"), lead("Di")
    staff, before = desk_of(sam), net()
    address = f"{CODES}{touch.pk}/"

    for query in ({}, {"find": "nurses"}, {"link": nurses.pk}, {"link": "9" * 30}):
        page = staff.get(address, query)
        assert page.status_code == 200
    looked = staff.get(address, {"link": nurses.pk}).context_data["preview"]
    assert (net(), LinkCode.objects.filter(code="nurse-mial").exists()) == (before, False)
    assert (looked.people, looked.moves) == (2, 2)
    answer = staff.post(address, {"link": nurses.pk}, follow=True)

    assert "2 people are credited" in said(answer)
    assert net() == before + Counter({"nurse-mail": 2}) - Counter({"": 2})
    assert LinkCode.objects.get(code="nurse-mial").link == nurses


def test_a_code_that_is_repaired_already_is_no_longer_asked_about(
    came_with, nurses, sam, desk_of
) -> None:
    staff, address = desk_of(sam), f"{CODES}{came_with('nurse-mial', 'Ada').pk}/"
    staff.post(address, {"link": nurses.pk})
    before = net()

    answer = staff.post(address, {"link": nurses.pk}, follow=True)

    assert "no longer unknown" in said(answer)
    assert net() == before


def test_who_may_only_read_repairs_nothing(came_with, nurses, reader, desk_of) -> None:
    address = f"{CODES}{came_with('nurse-mial', 'Ada').pk}/"
    before = net()

    answers = [
        desk_of(reader).get(CODES),
        desk_of(reader).get(address),
        desk_of(reader).post(address, {"link": nurses.pk}),
    ]

    assert {it.status_code for it in answers} == {403}
    assert net() == before
