"""Staff trace a partner's number to its lines, and settle what was held."""

import pytest
from django.urls import reverse

from partners import credits
from partners.models import Credit, Hold

pytestmark = pytest.mark.django_db
LEDGER, HOLDS = "/admin/partners/credit/", "/admin/partners/hold/"


def test_a_partners_page_leads_to_the_lines_its_number_is_the_sum_of(
    lead, link, sam, desk_of, now
) -> None:
    people = [lead(), lead("Bo"), lead("Cy", organic=True)]
    words = {"reason": "a joke", "author": sam, "now": now}
    credits.void(candidate_uuids=[people[0].pk], **words)
    staff = desk_of(sam)

    page = staff.get(reverse("admin:partners_partner_change", args=[link.partner_id]))
    assert f"{LEDGER}?of={link.partner_id}" in page.content.decode()
    listed = staff.get(LEDGER, {"of": link.partner_id})

    assert listed.context_data["cl"].result_count == 3
    assert [(str(label), value) for label, value in listed.context_data["totals"]] == [
        ("signed up", 1)
    ]
    assert b"a joke" in listed.content


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"day": "2026-11-14"}, 2),
        ({"day": "2026-11-13"}, 0),
        ({"day": "never"}, 2),
        ({"counts_as__exact": "filed"}, 0),
        ({"of": "9" * 30}, 0),
        ({"of": "x"}, 0),
    ],
)
def test_the_lines_are_filtered_by_day_and_kind(lead, sam, desk_of, query, found) -> None:
    lead(), lead("Bo", organic=True)

    listed = desk_of(sam).get(LEDGER, query)

    assert listed.context_data["cl"].result_count == found


@pytest.mark.parametrize(
    ("action", "outcome"), [("credit_them", "released"), ("leave_them", "refused")]
)
def test_what_was_held_is_settled_by_one_action(lead, link, sam, desk_of, now, action, outcome):
    bo = lead("Bo", organic=True)
    drive_id = Credit.objects.get().drive_id
    hold = Hold.objects.create(
        candidate_uuid=bo.pk, drive_id=drive_id, link=link, suspicion="burst", held_at=now
    )

    answer = desk_of(sam).post(HOLDS, {"action": action, "_selected_action": [hold.pk]})

    hold.refresh_from_db()
    assert answer.status_code == 302
    assert (hold.outcome, hold.settled_by) == (outcome, sam)
    assert Credit.objects.filter(link=link, amount=1).count() == (outcome == "released")


def test_who_may_only_read_settles_nothing(lead, link, reader, desk_of, now) -> None:
    bo = lead("Bo", organic=True)
    drive_id = Credit.objects.get().drive_id
    hold = Hold.objects.create(
        candidate_uuid=bo.pk, drive_id=drive_id, link=link, suspicion="burst", held_at=now
    )

    desk_of(reader).post(HOLDS, {"action": "credit_them", "_selected_action": [hold.pk]})

    assert Hold.objects.get(settled_at=None) == hold


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2026-02-30", "x"])
def test_a_day_that_is_in_no_ledger_breaks_no_list(lead, link, sam, desk_of, day) -> None:
    lead("Bo", organic=True)

    assert desk_of(sam).get("/admin/partners/credit/", {"day": day}).status_code == 200
