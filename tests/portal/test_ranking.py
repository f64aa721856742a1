"""A place among the partners: for those that want one, of those that want one, and no names."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from partners import dashboard, ranking
from partners.models import Member, Partner, ReferralLink, StaffLook, Tally, User
from partners.ranking import Place

NOON = datetime(2026, 11, 14, 17, tzinfo=UTC)
HOME = "/partners/river-valley/"
PAGE = f"{HOME}ranking/"


def count(drive, partner, value, kind="signed_up", hour_at=NOON):
    Tally.objects.create(
        drive=drive,
        partner=partner,
        link=ReferralLink.objects.get_or_create(partner=partner, code=partner.slug)[0],
        kind=kind,
        hour_at=hour_at,
        value=value,
    )


def another(drive, name, value, joined_at=NOON):
    partner = Partner.objects.create(name=name, slug=name.lower(), joined_ranking_at=joined_at)
    count(drive, partner, value)
    return partner


@pytest.fixture
def in_it(river) -> Partner:
    ranking.join(partner=river, now=NOON)
    river.refresh_from_db()
    return river


def place(drive, partner):
    """Read as another process would that remembers nothing."""
    ranking.forget()
    return read(drive, partner).place


def read(drive, partner):
    return dashboard.read(partner=partner, drive=drive, now=NOON).ranking


def test_a_partner_sees_its_place_among_those_who_take_part(drive, in_it):
    count(drive, in_it, 20)
    for name, value in (("Ash", 32), ("Birch", 50), ("Cedar", 3), ("Doug", 0)):
        another(drive, name, value)
    another(drive, "Elm", 25, joined_at=None)
    Partner.objects.create(name="Fir", slug="fir", joined_ranking_at=NOON)

    assert place(drive, in_it) == Place(place=3, of=6, level_with=0, next_place=2, to_next=12)


def test_whoever_is_level_shares_a_place_and_the_next_one_is_shared_too(drive, in_it):
    count(drive, in_it, 20)
    for name, value in (("Ash", 50), ("Birch", 32), ("Cedar", 32), ("Doug", 20), ("Elm", 9)):
        another(drive, name, value)

    assert place(drive, in_it) == Place(place=4, of=6, level_with=1, next_place=2, to_next=12)
    assert place(drive, Partner.objects.get(slug="elm")).place == 6


def test_at_the_top_there_is_nothing_to_reach(drive, in_it):
    count(drive, in_it, 50)
    another(drive, "Ash", 50)
    another(drive, "Birch", 2)

    assert place(drive, in_it) == Place(place=1, of=3, level_with=1, next_place=None, to_next=0)


def test_before_anybody_is_counted_all_are_level(drive, in_it):
    for name in ("Ash", "Birch"):
        Partner.objects.create(name=name, slug=name.lower(), joined_ranking_at=NOON)

    assert place(drive, in_it) == Place(place=1, of=3, level_with=2, next_place=None, to_next=0)


@given(own=st.integers(0, 9), others=st.lists(st.integers(0, 9), min_size=2, max_size=8))
def test_to_next_more_and_not_one_less_is_what_takes_a_partner_to_the_next_place(own, others):
    here = ranking._place(own, others)

    assert here.place == 1 + sum(it > own for it in others)
    if here.next_place is None:
        assert max(others) <= own
    else:
        assert ranking._place(own + here.to_next, others).place == here.next_place < here.place
        assert ranking._place(own + here.to_next - 1, others).place == here.place


def test_what_the_drive_counts_is_what_is_compared(drive, in_it):
    drive.counts = "confirmed"
    for partner, confirmed in (
        (in_it, 5),
        (another(drive, "Ash", 1), 7),
        (another(drive, "Birch", 99), 2),
    ):
        count(drive, partner, confirmed, kind="confirmed")

    assert place(drive, in_it) == Place(place=2, of=3, level_with=0, next_place=1, to_next=2)


def test_hours_links_and_other_drives_are_told_apart(drive, in_it):
    other = type(drive).objects.create(
        name="Last year", slug="last", day_on=NOON.date(), opens_at=NOON.replace(year=2025)
    )
    ash, _birch = another(drive, "Ash", 3), another(drive, "Birch", 0)
    count(drive, ash, 4, hour_at=NOON.replace(hour=9))
    count(other, ash, 70)
    Tally.objects.create(drive=drive, partner=None, kind="signed_up", hour_at=NOON, value=90)

    assert place(drive, in_it).to_next == 7


@pytest.mark.parametrize("others", [0, 1])
def test_among_fewer_than_three_there_is_no_place_and_the_page_says_why(
    as_olga, drive, in_it, others
):
    for number in range(others):
        another(drive, f"Only{number}", 5)
    another(drive, "Out", 5, joined_at=None)

    page = as_olga.get(HOME).content.decode()

    assert place(drive, in_it) is None
    assert "Fewer than three partners take part so far" in page
    assert "partners who take part." not in page


def test_who_takes_no_part_sees_none_and_asks_for_none(as_olga, drive, river):
    for name in ("Ash", "Birch", "Cedar"):
        another(drive, name, 5)

    with CaptureQueriesContext(connection) as queries:
        page = as_olga.get(HOME).content.decode()

    assert "who take part" not in page
    assert "Compare yourself with other partners" in page
    assert len(queries) == 12


def test_who_takes_no_part_changes_nothing_that_others_see(drive, in_it):
    count(drive, in_it, 20)
    for name, value in (("Ash", 32), ("Birch", 50)):
        another(drive, name, value)
    before = place(drive, in_it)

    for name, value in (("Cedar", 20), ("Doug", 25), ("Elm", 99)):
        another(drive, name, value, joined_at=None)

    assert place(drive, in_it) == before


def test_who_leaves_is_counted_nowhere_from_the_next_request_on(drive, in_it):
    """Although every process remembers the numbers for a few seconds."""
    ash, birch, cedar = (another(drive, name, 5) for name in ("Ash", "Birch", "Cedar"))
    assert read(drive, in_it).place == Place(4, 4, 0, 1, 5)

    ranking.leave(partner=ash)
    assert read(drive, in_it).place == Place(3, 3, 0, 1, 5)

    ranking.leave(partner=birch)
    assert read(drive, in_it).place is None
    assert read(drive, cedar).place is None


def test_who_leaves_sees_nothing_any_more(as_olga, drive, in_it):
    another(drive, "Ash", 5)
    another(drive, "Birch", 5)
    assert "3rd of 3 partners who take part." in as_olga.get(HOME).content.decode()

    as_olga.post(PAGE, {"do": "off"})

    assert "who take part." not in as_olga.get(HOME).content.decode()


def test_the_page_says_the_place_in_words(as_olga, drive, in_it):
    count(drive, in_it, 20)
    for name, value in (("Ash", 1254), ("Birch", 20)):
        another(drive, name, value)

    page = as_olga.get(HOME).content.decode()

    assert "2nd of 3 partners who take part.</strong> Level with 1 other." in page
    assert "1,234 more and you share 1st place." in page
    assert "By sign-ups in this drive." in page
    for name in ("Ash", "Birch", "1,254"):
        assert name not in page
    spanish = as_olga.get(f"/es{HOME}").content.decode()
    assert "Puesto 2º de 3 organizaciones aliadas que participan." in spanish


@pytest.mark.parametrize("partners", [1, 30])
@pytest.mark.parametrize("links", [1, 3])
def test_the_page_costs_at_most_thirteen_queries(as_olga, drive, in_it, partners, links):
    for number in range(1, partners):
        another(drive, f"More-{number}", number)
    for number in range(links):
        ReferralLink.objects.create(partner=in_it, code=f"own-{number}", label="Own")

    costs = []
    for _time in ("nothing is remembered", "the numbers are"):
        with CaptureQueriesContext(connection) as queries:
            as_olga.get(HOME)
        costs.append(len(queries))

    assert costs == [13, 12]  # the second time the drive is remembered as well


# The switch


def test_nobody_takes_part_unasked(river):
    assert Partner.objects.get(pk=river.pk).joined_ranking_at is None


def test_a_manager_takes_part_and_leaves_again(as_olga, river):
    page = as_olga.post(PAGE, {"do": "on"}, follow=True).content.decode()
    assert "You take part from now on." in page
    assert "Stop taking part" in page
    joined_at = Partner.objects.get(pk=river.pk).joined_ranking_at

    as_olga.post(PAGE, {"do": "on"})
    assert Partner.objects.get(pk=river.pk).joined_ranking_at == joined_at is not None

    for _time in range(2):
        page = as_olga.post(PAGE, {"do": "off"}, follow=True).content.decode()
        assert "You no longer take part." in page
    assert Partner.objects.get(pk=river.pk).joined_ranking_at is None


@pytest.mark.parametrize("posted", [{}, {"do": ""}, {"do": "maybe"}])
def test_only_the_word_for_it_takes_part(as_olga, in_it, posted):
    as_olga.post(PAGE, posted)

    assert Partner.objects.get(pk=in_it.pk).joined_ranking_at is None


def test_a_manager_decides_for_the_own_partner_alone(as_olga, harbor):
    assert as_olga.post("/partners/harbor-city/ranking/", {"do": "on"}).status_code == 404

    assert Partner.objects.get(pk=harbor.pk).joined_ranking_at is None


def test_before_deciding_people_read_that_their_number_can_be_worked_out(as_olga, river):
    page = as_olga.get(PAGE).content.decode()

    assert "your number can be worked out" in page
    assert "at least three take part" in page
    assert "you are out of it at once" in page


def test_a_viewer_reads_and_does_not_decide(client, river):
    vera = User.objects.create_user("vera@example.org", full_name="Vera")
    Member.objects.create(user=vera, partner=river)
    client.force_login(vera)

    page = client.get(PAGE).content.decode()

    assert "A manager decides this." in page
    assert 'name="do"' not in page
    assert client.post(PAGE, {"do": "on"}).status_code == 403
    assert Partner.objects.get(pk=river.pk).joined_ranking_at is None


def test_staff_see_what_the_partner_sees_and_decide_nothing(client, staff, drive, in_it):
    another(drive, "Ash", 5)
    another(drive, "Birch", 2)
    client.force_login(staff)

    assert "3rd of 3 partners who take part." in client.get(HOME).content.decode()
    assert "A manager decides this." in client.get(PAGE).content.decode()
    assert client.post(PAGE, {"do": "off"}).status_code == 403
    assert Partner.objects.get(pk=in_it.pk).joined_ranking_at == NOON
    assert set(StaffLook.objects.values_list("page", flat=True)) == {
        "partners:partner-dashboard",
        "partners:ranking",
    }


def test_staff_cannot_take_part_for_a_partner_in_the_admin(client, river):
    root = User.objects.create_superuser("root@example.org", full_name="Root")
    client.force_login(root)

    page = client.get(f"/admin/partners/partner/{river.pk}/change/").content.decode()

    assert "takes part in the ranking since" in page.lower()
    assert 'name="joined_ranking_at' not in page
