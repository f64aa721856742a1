"""What a member reads on the pages of the portal."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from partners.models import Drive, Member, Milestone, Partner, ReferralLink, Tally, User, VisitTally


@pytest.fixture
def now_on(drive, monkeypatch):
    """Make the drive the current one, whatever day it is."""
    now = timezone.now()
    Drive.objects.filter(id=drive.id).update(
        opens_at=now - timedelta(days=20), day_on=now.astimezone(drive.zone).date()
    )
    drive.refresh_from_db()
    return now


@pytest.fixture
def numbers(now_on, drive, link):
    hour_at = now_on.replace(minute=0, second=0, microsecond=0)
    for kind, value in (("signed_up", 1204), ("confirmed", 641)):
        Tally.objects.create(
            drive=drive, partner=link.partner, link=link, kind=kind, hour_at=hour_at, value=value
        )
    VisitTally.objects.create(link=link, hour_at=hour_at, raw=9000, bots=77, unique=3518)


def test_the_page_says_the_numbers(as_olga, numbers):
    page = as_olga.get("/partners/river-valley/").content.decode()

    for words in ("3,518", "1,204", "641", "E-mail 2", "http://127.0.0.1:8012/r/river-mail"):
        assert words.replace("http://127.0.0.1:8012", "") in page
    assert "1,204 people signed up through your links today" in page
    assert "9,000" not in page


def test_one_person_is_one_person(as_olga, numbers):
    Tally.objects.filter(kind="signed_up").update(value=1)

    page = as_olga.get("/partners/river-valley/").content.decode()

    assert "1 person signed up through your links today" in page


def test_before_the_first_sign_up_the_page_says_what_to_do(as_olga, now_on, link):
    page = as_olga.get("/partners/river-valley/").content.decode()

    assert "Paste this address into your next e-mail" in page
    assert "No sign-ups yet" in page


def test_without_a_link_the_page_says_where_to_get_one(as_olga, now_on):
    page = as_olga.get("/partners/river-valley/").content.decode()

    assert "You have no link yet" in page


def test_a_reached_goal_says_when(as_olga, numbers, drive, river, now_on):
    Milestone.objects.create(
        drive=drive, partner=river, scope="cumulative", target=1000, reached_at=now_on
    )

    page = as_olga.get("/partners/river-valley/").content.decode()

    assert "1,204 of 1,000" in page
    assert "Reached on" in page


def test_a_label_is_shown_as_typed_and_runs_nothing(as_olga, now_on, link):
    ReferralLink.objects.update(label="<script>alert(1)</script>")

    page = as_olga.get("/partners/river-valley/").content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_nothing_on_the_page_needs_an_inline_style_or_script(as_olga, numbers):
    page = as_olga.get("/partners/river-valley/").content.decode()

    assert " style=" not in page
    assert "<style" not in page
    assert page.count("<script") == page.count("<script src=")


@pytest.mark.parametrize("how_many", [1, 3])
def test_the_page_costs_at_most_twelve_queries(as_olga, numbers, river, how_many):
    for number in range(1, how_many):
        ReferralLink.objects.create(partner=river, code=f"more-{number}", label="More")

    with CaptureQueriesContext(connection) as queries:
        as_olga.get("/partners/river-valley/")

    assert len(queries) == 12


def test_whoever_belongs_to_one_partner_comes_straight_to_it(as_olga):
    assert as_olga.get("/partners/")["Location"] == "/partners/river-valley/"


def test_whoever_belongs_to_several_chooses_among_their_own(as_olga, olga, harbor):
    Member.objects.create(user=olga, partner=harbor)
    Partner.objects.create(name="Somebody Else", slug="somebody-else")

    page = as_olga.get("/partners/").content.decode()

    assert "Harbor City Votes" in page
    assert "River Valley Organizers" in page
    assert "Somebody Else" not in page


def test_staff_choose_among_all(client, staff, river, harbor):
    client.force_login(staff)

    page = client.get("/partners/").content.decode()

    assert page.index("Harbor City Votes") < page.index("River Valley Organizers")


def test_whoever_belongs_to_nobody_is_told_what_to_do(client, db):
    client.force_login(User.objects.create_user("new@example.org", full_name="New"))

    assert "You belong to no partner yet" in client.get("/partners/").content.decode()


def test_the_portal_speaks_spanish(as_olga, numbers):
    assert as_olga.get("/es/partners/river-valley/").status_code == 200
