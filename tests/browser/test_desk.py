"""Staff at their desk in a real browser: log in, see who waits, filter, move many, read a story."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from candidates import signup
from candidates.consent import Agreement
from candidates.models import Candidate, Consent, TriageAction
from candidates.models import Touch as TouchKept
from partners.models import Partner, ReferralLink, User
from partners.touches import Touch
from tests.browser.looking import SIZES, complaints, fits, keep

pytestmark = pytest.mark.browser
PASSWORD = "a-long-enough-secret"
LEADS = "/admin/candidates/candidate/"


@pytest.fixture
def sam(drive) -> User:
    return User.objects.create_superuser("sam@example.org", PASSWORD, full_name="Sam Staff")


@pytest.fixture
def leads(link: ReferralLink) -> list[Candidate]:
    """Three who raised their hands through the front door's own function."""
    for minutes, name in enumerate(("Ada", "Bo", "Cy")):
        at = timezone.now() - timedelta(minutes=minutes)
        signup.sign_up(
            answers=signup.Answers(
                first_name=name, last_name="Example", email=f"{name}@example.org",
                zip_code="60601", office="council", timeline="next_year",
                motivation="The bus should run on Sundays.",
            ),
            agreements=[Agreement(Consent.Purpose.CONTACT, "Yes, contact me.")],
            touches=[Touch(raw_code="league", sub_source="", at=at)],
            now=at,
        )  # fmt: skip
    return list(Candidate.objects.order_by("-signed_up_at"))


def log_in(page: Page) -> None:
    page.get_by_label("E-mail").fill("sam@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_sam_moves_two_leads_and_reads_what_happened(scripts, arrive, sam, leads):
    with arrive(java_script_enabled=scripts) as sams:
        page = sams.goto("/admin/")
        log_in(page)
        expect(page.get_by_role("heading", name="What needs doing")).to_be_visible()
        expect(page.get_by_role("link", name="Ada Example")).to_be_visible()

        page.goto(sams.site + LEADS + "?state=IL&assigned=nobody")
        page.locator(".action-select").nth(0).check()
        page.locator(".action-select").nth(1).check()
        page.get_by_label("Action:").select_option("move_leads")
        page.get_by_role("button", name="Go").click()
        expect(page.get_by_text("Ada, Bo")).to_be_visible()
        page.get_by_label("Move to stage").select_option("one_to_one")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("2 leads changed.")).to_be_visible()

        page.get_by_role("link", name="Ada Example").click()
        page.get_by_label("Add a note").fill("Very keen.")
        page.get_by_label("Assign to").select_option(label="Sam Staff")
        page.get_by_role("button", name="Save").click()
        story = page.get_by_role("region", name="The whole story")
        for told in ("Signed up", "Yes, contact me.", "Moved from Raised hand", "Very keen."):
            expect(story.get_by_text(told).first).to_be_visible()

    assert sams.noticed == []
    assert TriageAction.objects.count() == 4
    assert set(Candidate.objects.filter(stage="one_to_one")) == set(leads[:2])


@pytest.mark.parametrize("scripts", [True, False])
def test_typing_the_beginning_of_a_name_finds_the_person(scripts, arrive, sam, leads):
    asked = []
    with arrive(java_script_enabled=scripts) as sams:
        page = sams.goto("/admin/")
        log_in(page)
        page.on("request", lambda request: asked.append(request.url))
        page.get_by_label("Find a lead").fill("example, cy")
        page.get_by_role("button", name="Find").click()

        expect(page.locator("#result_list tbody tr")).to_have_count(1)
        page.get_by_role("link", name="Cy Example").click()
        page.get_by_role("link", name="Signed up twice?").click()
        page.get_by_label("Find a lead").fill("example, bo")
        page.get_by_role("button", name="Find").click()
        expect(page.get_by_role("link", name="Bo Example")).to_be_visible()
        for _page in ("the same person", "the story", "the list"):
            page.go_back()
        expect(page.get_by_label("Find")).to_have_value("example, cy")
        expect(page.locator("#result_list tbody tr")).to_have_count(1)

    assert not [it for it in asked if "example" in it.lower() or "cy" in it.partition("?q=")[0]]


@pytest.mark.parametrize("width", [768, 1280])
def test_the_head_of_a_page_is_two_lines(width, arrive, sam):
    with arrive(width=width) as sams:
        page = sams.goto("/admin/")
        log_in(page)
        expect(page.get_by_role("heading", name="What needs doing")).to_be_visible()

        assert page.locator("#header").bounding_box()["height"] < 90
        assert fits(page)


@pytest.mark.parametrize(
    ("width", "scheme"), [(1280, "light"), (1280, "dark"), (360, "light"), (360, "dark")]
)
def test_the_desk_can_be_read_by_everyone(width, scheme, arrive, sam, leads):
    pages = ("/admin/", LEADS, f"{LEADS}{leads[0].pk}/change/")
    with arrive(width=width, color_scheme=scheme, bypass_csp=True) as sams:
        assert complaints(sams.goto("/admin/")) == []
        log_in(sams.page)
        for address in pages:
            page = sams.goto(address)
            assert complaints(page) == [], address
            assert fits(page), address


def test_forms_of_the_admin_break_no_policy_and_the_calendar_opens(arrive, sam, drive, link):
    with arrive() as sams:
        log_in(sams.goto("/admin/"))
        sams.goto(f"/admin/partners/drive/{drive.pk}/change/")
        sams.page.get_by_role("link", name="Choose a Date").first.click()
        expect(sams.page.locator("#calendarbox0")).to_be_visible()
        for address in ("partners/referrallink/add/", "partners/user/add/", "partners/credit/"):
            sams.goto(f"/admin/{address}")

    assert sams.noticed == []


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_sam_repairs_a_code_and_takes_one_credit_back(
    width, scheme, arrive, sam, leads, link
) -> None:
    TouchKept.objects.create(candidate=leads[0], raw_code="Leage", at=timezone.now())
    TouchKept.objects.create(candidate=leads[1], raw_code="teech_ig", at=timezone.now())
    with arrive(width=width, color_scheme=scheme, bypass_csp=True) as sams:
        page = sams.goto("/admin/")
        log_in(page)
        page.get_by_role("link", name="Unknown link codes").click()
        keep(page, "desk-codes")
        assert (complaints(page), fits(page)) == ([], True)
        page.get_by_role("link", name=str(link)).first.click()
        expect(page.get_by_text("1 person came with it.")).to_be_visible()
        keep(page, "desk-repair")
        assert (complaints(page), fits(page)) == ([], True)
        page.get_by_role("button", name="Repair this code").click()
        expect(page.get_by_text("leads to Bio (league) now")).to_be_visible()

        page.goto(f"{sams.site}{LEADS}{leads[1].pk}/change/")
        page.get_by_role("link", name="Reassign credit").click()
        page.get_by_label("Find a link").fill("teach")
        page.get_by_role("button", name="Find").click()
        assert (complaints(page), fits(page)) == ([], True)
        page.get_by_label("nobody (organic)").check()
        page.get_by_label("Why, in public").select_option("wrong_link")
        page.get_by_label("Reason").fill("She told us so herself.")
        page.get_by_role("button", name="Look at it before it is done").click()
        assert (complaints(page), fits(page)) == ([], True)
        page.get_by_role("button", name="Reassign credit").click()
        expect(page.get_by_text("She told us so herself.").first).to_be_visible()

    assert sams.noticed == []


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_sam_looks_at_another_model_and_writes_it(width, scheme, arrive, sam, leads, link) -> None:
    other = Partner.objects.create(name="Example Nurses", slug="nurses")
    first = ReferralLink.objects.create(partner=other, code="nurse", label="Ward")
    for lead in leads[:2]:
        at = lead.signed_up_at - timedelta(days=2)
        TouchKept.objects.create(candidate=lead, link=first, raw_code="nurse", at=at)
    with arrive(width=width, color_scheme=scheme, bypass_csp=True) as sams:
        page = sams.goto("/admin/")
        log_in(page)
        page.get_by_role("link", name="Recompute it under another model").click()
        assert (complaints(page), fits(page)) == ([], True)
        page.get_by_label("Credit goes to").select_option("first")
        page.get_by_role("button", name="Look at the difference").click()
        expect(page.get_by_text("2 of 3 people would move.")).to_be_visible()
        keep(page, "desk-recompute")
        assert (complaints(page), fits(page)) == ([], True)
        page.get_by_label("Reason").fill("Agreed in July")
        page.get_by_role("button", name="Write exactly this").click()
        expect(page.get_by_text("2 of 3 people moved.")).to_be_visible()
        assert (complaints(page), fits(page)) == ([], True)
        page.get_by_role("link", name="Example Nurses").click()
        expect(page.get_by_text("Agreed in July").first).to_be_visible()

    assert sams.noticed == []
