"""Staff correct and repair credit on pages of their own, and see what came of it."""

from collections import Counter

import pytest

from candidates.models import Touch
from partners import credits
from partners.models import Credit, Drive, Hold, LinkCode, Partner, ReferralLink

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


def correct(client, candidate, deed, **answers):
    address = f"{LEADS}{candidate.pk}/credit/{deed}/"
    return client.post(address, {"sure": "yes", "cause": "other", **answers}, follow=True)


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
    gil, hal = lead("Gil"), lead("Hal", organic=True)
    for to in (nurses, link):  # there and back
        credits.reassign(candidate_uuids=[gil.pk], link=to, **words)
    for to in (nurses, None):
        credits.reassign(candidate_uuids=[hal.pk], link=to, **words)
    credits.void(candidate_uuids=[bo.pk, di.pk], **words)
    credits.restore(candidate_uuids=[di.pk], **words)
    staff = desk_of(sam)

    found = [listed(staff, it) for it in (link.partner_id, nurses.partner_id, "none")]

    assert found == [{"Di", "Eve", "Gil"}, {"Ada", "Cy"}, {"Flo", "Hal"}]


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

    assert "2 people are credited anew" in said(answer)
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


def test_a_code_that_its_partner_took_meanwhile_is_not_given_to_another(
    came_with, link, nurses, sam, desk_of
) -> None:
    address = f"{CODES}{came_with('nurse-mial', 'Ada').pk}/"
    taken = ReferralLink.objects.create(partner=link.partner, code="nurse-mial", label="Ours")
    staff, before = desk_of(sam), net()

    looked = staff.get(address, {"link": nurses.pk})
    staff.post(address, {"link": nurses.pk})

    assert "Another link has this code by now." in said(looked)
    assert "Repair this code" not in looked.content.decode()
    assert net() == before
    assert staff.get(address, {"link": taken.pk}).context_data["preview"].moves == 1


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


def test_credit_goes_to_another_link_after_a_look(lead, link, nurses, sam, desk_of, now) -> None:
    ada, staff = lead("Ada"), desk_of(sam)
    lead("Bo")
    credits.give(candidate_uuids=[ada.pk], kind=Credit.Kind.CONFIRMED, at=now)
    address = f"{LEADS}{ada.pk}/credit/reassign/"
    answers = {"link": nurses.pk, "cause": "wrong_link", "reason": "She told us at the call"}

    searched = staff.get(address, {"find": "nurses"})
    looked = staff.post(address, answers)

    assert f'value="{nurses.pk}"' in searched.content.decode()
    assert b'name="sure"' in looked.content
    assert net() == {"voters-bio": 3}
    done = staff.post(address, {**answers, "sure": "yes"}, follow=True)
    assert net() == {"voters-bio": 1, "nurse-mail": 2}
    assert "corrected" in said(done)
    assert done.content.count(b"She told us at the call") == 4
    assert b"Sam Staff" in done.content


def test_credit_goes_to_nobody(lead, link, sam, desk_of) -> None:
    correct(desk_of(sam), lead("Ada"), "reassign", link="nobody", reason="A mix-up")

    assert net() == {"": 1}


def test_credit_is_voided_and_restored(lead, link, sam, desk_of) -> None:
    ada, staff = lead("Ada"), desk_of(sam)
    restore = f"{LEADS}{ada.pk}/credit/restore/".encode()

    voided = correct(staff, ada, "void", reason="A joke")
    assert (net(), restore in voided.content) == ({}, True)
    restored = correct(staff, ada, "restore", reason="No joke")

    assert (net(), restore in restored.content) == ({"voters-bio": 1}, False)
    assert "already" in said(correct(staff, ada, "restore", reason="No joke"))


@pytest.mark.parametrize(
    "answers",
    [
        {"link": "nobody"},
        {"link": "nobody", "reason": "A mix-up", "cause": ""},
        {"link": "nobody", "reason": "A mix-up", "cause": "recomputed"},
        {"link": "nobody", "reason": "  "},
        {"link": "nobody", "reason": "x" * 201},
        {"link": "nobody", "reason": " counted already "},
        {"link": "nobody", "reason": Credit.SIGN_UP_IS_VOIDED},
        {"link": "", "reason": "A mix-up"},
        {"link": "9" * 30, "reason": "A mix-up"},
        {"link": "x", "reason": "A mix-up"},
    ],
)
def test_without_a_reason_and_a_link_nothing_is_corrected(
    lead, link, sam, desk_of, answers
) -> None:
    answer = correct(desk_of(sam), lead("Ada"), "reassign", **answers)

    assert b"errorlist" in answer.content
    assert net() == {"voters-bio": 1}


def test_opening_the_pages_of_correction_changes_nothing(lead, link, sam, reader, desk_of) -> None:
    ada = lead("Ada")
    deeds = ("reassign", "void", "restore", "forget")
    addresses = [f"{LEADS}{ada.pk}/credit/{it}/" for it in deeds]

    opened = [desk_of(sam).get(it, {"sure": "yes", "reason": "x"}).status_code for it in addresses]
    refused = {
        desk_of(reader).post(it, {"sure": "y", "reason": "x"}).status_code for it in addresses
    }

    assert opened == [200, 200, 200, 404]
    assert refused == {403}
    assert Credit.objects.count() == 1


def test_the_desk_leads_to_what_is_held_and_to_codes_nobody_knows(
    came_with, lead, link, sam, reader, desk_of, now
) -> None:
    came_with("nurse-mial", "Ada")
    drive, held_at = Drive.objects.current(now), {"held_at": now, "suspicion": "burst"}
    for settled_at in (None, now):
        bo = lead("Bo", organic=True)
        Hold.objects.create(
            candidate_uuid=bo.pk, drive=drive, link=link, settled_at=settled_at, **held_at
        )
    staff, holds = desk_of(sam), "/admin/partners/hold/?settled_at__isempty=1"

    desk = staff.get("/admin/")

    assert (desk.context_data["desk"].holds.value, holds in desk.content.decode()) == (1, True)
    assert CODES in desk.content.decode()
    assert staff.get(holds).context_data["cl"].result_count == 1
    assert CODES not in desk_of(reader).get("/admin/").content.decode()
