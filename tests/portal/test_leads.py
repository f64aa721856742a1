"""What a partner sees of the people who agreed to be shared with it, and of those who did not."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from candidates import sharing
from candidates.models import Candidate
from candidates.views import leads as view
from partners.models import Member, StaffLook, Tally, User
from tests.sharing import NOON, people, share, sharing_with

PAGE = "/partners/river-valley/leads/"


@pytest.fixture(autouse=True)
def _the_drive(drive):
    """There is always one."""


def signed_up(river, drive, link, value: int) -> None:
    Tally.objects.create(
        drive=drive, partner=river, link=link, kind="signed_up", hour_at=NOON, value=value
    )


def test_whoever_said_yes_is_there_with_a_way_to_reach_them(as_olga, river):
    (ada,) = sharing_with(river, "Ada", phone="+13125550100")
    Candidate.objects.filter(pk=ada.pk).update(stage="one_to_one")

    page = as_olga.get(PAGE).content.decode()

    assert "1 person said yes to being shared with you" in page
    for words in (
        "Ada Example",
        "mailto:ada@example.org",
        "tel:+13125550100",
        "City or town council",
        "Next year",
        "One-to-one call",
        "NY",
    ):
        assert words in page


def test_a_viewer_sees_them_too(client, river):
    sharing_with(river, "Ada")
    viewer = User.objects.create_user("vera@example.org", full_name="Vera")
    Member.objects.create(user=viewer, partner=river)
    client.force_login(viewer)

    assert "Ada Example" in client.get(PAGE).content.decode()


def test_staff_see_what_the_partner_sees_and_that_is_logged(client, staff, river):
    sharing_with(river, "Ada")
    staff.user_permissions.add(Permission.objects.get(codename="view_candidate"))
    client.force_login(staff)

    page = client.get(PAGE).content.decode()

    assert "Ada Example" in page
    assert [(it.user, it.partner) for it in StaffLook.objects.all()] == [(staff, river)]


def test_staff_who_see_no_leads_in_the_admin_see_none_here(client, staff, river):
    sharing_with(river, "Ada")
    client.force_login(staff)

    for answer in (client.get(PAGE), client.post(PAGE, {"name": "Ada"})):
        assert answer.status_code == 403
        assert "Ada" not in answer.content.decode()


def test_nobody_else_is_there(as_olga, river, harbor, drive, link):
    share(harbor, *people("Bea"))
    people("Cy")
    sharing_with(river, "Dee", is_confirmed=False)
    (eli,) = sharing_with(river, "Eli")
    sharing.withdraw(candidate_id=eli.pk, partner_id=river.pk, now=NOON)
    signed_up(river, drive, link, 3)

    page = as_olga.get(PAGE).content.decode()

    for name in ("Bea", "Cy", "Dee", "Eli", "bea@", "cy@", "dee@", "eli@"):
        assert name not in page
    assert "Nobody shares their answers with you yet" in page
    assert "1 more said yes and appears when they confirm" in page


def test_beside_ones_own_people_nobody_else_is_listed(as_olga, river, harbor):
    sharing_with(river, "Ada")
    share(harbor, *people("Bea"))
    people("Cy")
    sharing_with(river, "Dee", is_confirmed=False)

    listed = as_olga.get(PAGE).context["leads"]

    assert [lead.candidate.first_name for lead in listed] == ["Ada"]


def test_a_withdrawal_takes_effect_at_the_next_request(as_olga, river):
    ada, _bea = sharing_with(river, "Ada", "Bea")
    assert "Ada Example" in as_olga.get(PAGE).content.decode()

    sharing.withdraw(candidate_id=ada.pk, partner_id=river.pk, now=NOON)

    page = as_olga.get(PAGE).content.decode()
    assert "Ada Example" not in page
    assert "Bea Example" in page


@pytest.mark.parametrize(
    ("others", "words"),
    [
        (0, None),
        (1, "Fewer than 5 others signed up"),
        (4, "Fewer than 5 others signed up"),
        (5, "5 others signed up"),
        (1200, "1,200 others signed up"),
    ],
)
def test_of_those_who_did_not_agree_there_is_a_number_and_no_small_one(
    as_olga, river, drive, link, others, words
):
    sharing_with(river, "Ada", "Bea")
    signed_up(river, drive, link, 2 + others)

    page = as_olga.get(PAGE).content.decode()

    assert (words in page) if words else ("others signed up" not in page)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"name": "ad"}, {"Ada", "Adele"}),
        ({"name": "ADA ex"}, {"Ada"}),
        ({"name": "exam"}, {"Ada", "Adele", "Bea"}),
        ({"state": "CA"}, {"Adele"}),
        ({"office": "county"}, {"Bea"}),
        ({"stage": "filed"}, {"Bea"}),
        ({"state": "CA", "name": "be"}, set()),
        ({"state": "nowhere"}, {"Ada", "Adele", "Bea"}),
        ({"name": "a\x00da"}, {"Ada", "Adele", "Bea"}),
        ({"name": "10001"}, set()),
    ],
)
def test_the_list_narrows(as_olga, river, asked, found):
    sharing_with(river, "Ada")
    sharing_with(river, "Adele", state="CA")
    sharing_with(river, "Bea", office="county", stage="filed")

    page = as_olga.post(PAGE, asked).content.decode()

    assert {name for name in ("Ada", "Adele", "Bea") if f"<strong>{name} Example" in page} == found


def test_what_is_looked_for_stands_in_no_address(as_olga, river):
    sharing_with(river, "Ada", "Bea")

    page = as_olga.get(f"{PAGE}?name=bea").content.decode()

    assert "Ada Example" in page
    assert 'method="post" class="leads-filter"' in page


def test_everybody_is_on_exactly_one_page(as_olga, river, monkeypatch):
    monkeypatch.setattr(view, "ON_A_PAGE", 2)
    found = sharing_with(river, *"ABCDEFG")
    share_at_once = sharing_with(river, *"HIJ", at=NOON + timedelta(days=1))
    for it in share_at_once:
        it.consents.update(given_at=NOON + timedelta(days=1))
    seen, mark = [], ""

    for _page in range(9):
        context = as_olga.post(PAGE, {"after": mark}).context
        seen += [lead.candidate_id for lead in context["leads"]]
        mark = context["older"]
        if not mark:
            break

    assert len(seen) == 10
    assert set(seen) == {it.pk for it in [*found, *share_at_once]}


@pytest.mark.parametrize(
    "mark", ["x", ".", "1.", "9" * 30 + ".1", "-1.-1", "1.9" * 9, "\x00", "٣.٣"]
)
def test_a_place_that_is_none_is_no_trouble(as_olga, river, mark):
    sharing_with(river, "Ada")

    assert as_olga.post(PAGE, {"after": mark}).status_code == 200


@pytest.mark.parametrize("how_many", [1, 3, 300])
def test_the_list_costs_the_same_with_one_and_with_three_hundred(as_olga, river, how_many):
    sharing_with(river, *(f"P{number}" for number in range(how_many)))

    with CaptureQueriesContext(connection) as queries:
        as_olga.get(PAGE)

    assert len(queries) == 7, [it["sql"] for it in queries]


def test_the_newest_are_found_by_the_index_among_many(river, harbor):
    for partner in (river, harbor):
        sharing_with(partner, *(f"{partner.slug}{number}" for number in range(3000)))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE candidates_consent")
        cursor.execute("ANALYZE candidates_candidate")

    newest = sharing.leads(partner=river)
    plan = newest[:50].explain()
    later = sharing.leads(partner=river, after=sharing.place_of(newest[1500]))[:50].explain()

    for it in (plan, later):
        assert "consent_shared_now" in it
        assert "Sort" not in it
        assert "Seq Scan" not in it


def test_a_foreign_partner_and_none_at_all_look_the_same(as_olga, harbor):
    share(harbor, *people("Bea"))
    for method in (as_olga.get, as_olga.post):
        foreign = method("/partners/harbor-city/leads/")
        nowhere = method("/partners/nowhere/leads/")

        assert foreign.status_code == nowhere.status_code == 404
        assert foreign.content.replace(b"harbor-city", b"nowhere") == nowhere.content


def test_a_name_is_shown_as_typed_and_runs_nothing(as_olga, river):
    sharing_with(river, "<script>alert(1)</script>")

    page = as_olga.get(PAGE).content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_the_page_is_kept_by_nobody_on_the_way(as_olga):
    assert "no-store" in as_olga.get(PAGE)["Cache-Control"]
