"""What somebody sees who has just started ./run, in the evening of a busy day."""

from datetime import datetime
from pathlib import Path
from random import Random

import pytest
from django.conf import LazySettings
from django.utils import timezone
from playwright.sync_api import Page, expect

from candidates import demo
from candidates.models import Candidate
from partners import demo as demo_of_partners
from partners import milestones
from partners.models import Drive, Member, Partner, ReferralLink, User, VisitTally
from tests.browser.conftest import Arrive, forget
from tests.browser.looking import SIZES, is_fine, keep
from tests.browser.test_live import HOUR, come, evening, since_morning

pytestmark = pytest.mark.browser
OLUS = "/partners/example-teachers-alliance"
LEADS = "/admin/candidates/candidate/"


@pytest.fixture
def drive(transactional_db: None, settings: LazySettings, tmp_path: Path) -> Drive:
    """The demo's drive; beside the demo's people more than a thousand came, as numbers only."""
    settings.ROOT_URLCONF = "tests.mail.demo_urls"
    settings.EMAIL_BACKEND = "candidates.outbox.EmailBackend"
    settings.OUTBOX_DIR = tmp_path
    settings.IS_DEMO = True
    settings.BASE_URL = "https://run.example.org"
    now = timezone.now()
    drive = demo.load(now=now)
    drive.time_zone = evening(now)
    drive.day_on = timezone.localdate(now, drive.zone)
    drive.save()
    since_morning(drive, now)
    through_olus_links(drive, now)
    milestones.fold(now=now)
    forget()
    return drive


def through_olus_links(drive: Drive, now: datetime) -> None:
    """Bring some in each of the last ten hours, and three times as many who only look."""
    dice = Random(2017)
    for link in ReferralLink.objects.filter(code__startswith="teachers").order_by("code"):
        for hour in range(1, 11):
            at, people = now - hour * HOUR, dice.randint(0, 4)
            come(drive, link, dice.choice(("OH", "NY", "TX")), people, at)
            VisitTally.objects.update_or_create(
                link=link,
                hour_at=at.replace(minute=0, second=0, microsecond=0),
                defaults={"raw": 4 * people, "unique": 3 * people},
            )


def log_in(page: Page, email: str) -> Page:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(demo_of_partners.PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("button", name="Log out").wait_for()
    return page


@pytest.mark.parametrize(("width", "scheme"), [*SIZES, (768, "light")])
def test_anybody_reads_the_public_pages(
    arrive: Arrive, drive: Drive, width: int, scheme: str
) -> None:
    pages = {"home": "/", "thanks": "/thanks/", "privacy": "/privacy/", "not-found": "/nowhere/"}
    with arrive(width, color_scheme=scheme) as ada:
        for name, path in pages.items():
            ada.goto(path)
            assert is_fine(ada, name)


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_olu_reads_the_numbers_and_the_links(
    arrive: Arrive, drive: Drive, width: int, scheme: str
) -> None:
    pages = {
        "portal-links": f"{OLUS}/links/",
        "portal-link": f"{OLUS}/links/teachers-alliance-ig/",
        "portal-link-new": f"{OLUS}/links/new/",
        "portal-ranking": f"{OLUS}/ranking/",
    }
    with arrive(width, color_scheme=scheme, bypass_csp=True) as olu:
        log_in(olu.goto("/log-in/"), demo_of_partners.ORGANISER)
        assert is_fine(olu, "portal-dashboard")
        for name, path in pages.items():
            olu.goto(path)
            assert is_fine(olu, name)


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_a_new_partner_reads_what_to_do_first(
    arrive: Arrive, drive: Drive, width: int, scheme: str
) -> None:
    partner = Partner.objects.create(name="Pretend Neighbors of the Lake", slug="lake")
    ReferralLink.objects.create(partner=partner, code="lake-mail", label="First e-mail")
    user = User.objects.create_user("new@example.org", demo_of_partners.PASSWORD, full_name="New")
    Member.objects.create(user=user, partner=partner, role=Member.Role.MANAGER)
    with arrive(width, color_scheme=scheme, bypass_csp=True) as visitor:
        log_in(visitor.goto("/log-in/"), user.email)
        expect(visitor.page.get_by_text("No sign-ups yet").first).to_be_visible()
        assert is_fine(visitor, "portal-first-day")


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_sam_reads_the_desk_the_leads_a_story_and_a_drive(
    arrive: Arrive, drive: Drive, width: int, scheme: str
) -> None:
    ada = Candidate.objects.get(first_name="Ada")
    with arrive(width, color_scheme=scheme, bypass_csp=True) as sams:
        page = log_in(sams.goto("/admin/"), demo_of_partners.STAFF)
        assert is_fine(sams, "desk-desk")
        sams.goto(f"{LEADS}{ada.pk}/change/")
        assert is_fine(sams, "desk-story")
        sams.goto(LEADS)
        assert is_fine(sams, "desk-leads")
        for number in range(3):
            page.locator(".action-select").nth(number).check()
        page.get_by_label("Action:").select_option("move_leads")
        page.get_by_role("button", name="Go").click()
        assert is_fine(sams, "desk-move")
        drive.milestones.exclude(partner=None).delete()  # forty rows more
        sams.goto(f"/admin/partners/drive/{drive.pk}/change/")
        keep(page, "desk-drive")  # the table of milestones has an empty heading of Django's


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_whoever_tries_it_finds_each_mail_in_the_outbox(
    arrive: Arrive, drive: Drive, width: int, scheme: str
) -> None:
    with arrive(width, color_scheme=scheme) as visitor:
        page = visitor.goto("/outbox/")
        assert is_fine(visitor, "mail-outbox-list", full_page=False)
        page.locator("main table a").first.click()
        assert is_fine(visitor, "mail-outbox-message")
