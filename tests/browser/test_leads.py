"""An organiser and her leads: on a phone and a desk, in the dark, with and without scripts."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from candidates import exporting, keys, sharing
from candidates.models import Candidate, LeadExport, LeadFetch
from partners import exports
from partners.models import Member, Partner, ReferralLink, Tally, User
from tests.browser.looking import SIZES, complaints, fits, is_fine, keep
from tests.sharing import NOON, sharing_with

pytestmark = pytest.mark.browser
PASSWORD = "a-long-enough-secret"
LEADS, EXPORTS = "/partners/league/leads/", "/partners/league/exports/"


@pytest.fixture
def olga(link: ReferralLink, drive) -> User:
    user = User.objects.create_user("olga@example.org", PASSWORD, full_name="Olga Organizer")
    Member.objects.create(user=user, partner=link.partner, role=Member.Role.MANAGER)
    return user


@pytest.fixture
def leads(link: ReferralLink, drive) -> list[Candidate]:
    names = ("Ada", "Bartholomew-Maximilian", "Cy", "Dee")
    Tally.objects.create(
        drive=drive, partner=link.partner, link=link, kind="signed_up", hour_at=NOON, value=41
    )
    sharing_with(link.partner, "Eli", "Fay", is_confirmed=False)
    return sharing_with(link.partner, *names, phone=None)


@pytest.fixture
def at_work(arrive, olga):
    @contextmanager
    def sitting(**options) -> Iterator:
        with arrive(**options) as visitor:
            page = visitor.goto("/log-in/")
            page.get_by_label("E-mail address").fill("olga@example.org")
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Log in").click()
            page.wait_for_url("**/partners/league/")
            yield visitor

    return sitting


def make() -> None:
    exports.work(model=LeadExport, make=exporting.make, clock=timezone.now)


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_both_pages_fit_the_screen_and_anyone_can_read_them(
    at_work, leads, olga, link, width, scheme
):
    exports.ask(
        model=LeadExport, partner=link.partner, author=olga, language="en", now=timezone.now()
    )
    make()
    claimed = exports.ask(
        model=LeadExport, partner=link.partner, author=olga, language="en", now=timezone.now()
    )
    claimed = exports.claim(model=LeadExport, now=timezone.now())
    exports.advance(export=claimed, done=40, total=100, now=timezone.now())
    with at_work(width=width, color_scheme=scheme, bypass_csp=True) as visitor:
        for name, path in {"portal-leads": LEADS, "portal-exports": EXPORTS}.items():
            visitor.goto(path)
            assert is_fine(visitor, name)


def test_a_name_is_found_and_stands_in_no_address(at_work, leads):
    with at_work(width=360, java_script_enabled=False) as visitor:
        page = visitor.goto(LEADS)
        page.get_by_label("Name begins with").fill("bart")
        page.get_by_role("button", name="Show").click()

        expect(page.get_by_text("Bartholomew-Maximilian Example")).to_be_visible()
        expect(page.get_by_text("Ada Example")).to_have_count(0)
        assert page.url.endswith(LEADS)
        page.get_by_role("link", name="Show all").click()
        expect(page.get_by_text("Ada Example")).to_be_visible()


def test_a_file_comes_by_itself_and_can_be_taken(at_work, leads):
    with at_work() as visitor:
        page = visitor.goto(EXPORTS)
        page.get_by_role("button", name="Make a file of leads").click()
        expect(page.get_by_text("Waiting for its turn")).to_be_visible()

        make()

        expect(page.get_by_role("button", name="Download")).to_be_visible()
        expect(page.get_by_role("status")).to_have_text("Your file is ready.")
        with page.expect_download() as taken:
            page.get_by_role("button", name="Download").click()
        assert taken.value.suggested_filename.startswith("league-leads-")
        assert "Ada" in Path(taken.value.path()).read_text(encoding="utf-8-sig")
        assert visitor.noticed == []


def test_a_file_is_ordered_watched_taken_and_opened(at_work, leads):
    with at_work() as visitor:
        page = visitor.goto(EXPORTS)
        page.get_by_role("button", name="Make a file of leads").click()
        expect(page.get_by_text("Waiting for its turn")).to_be_visible()
        claimed = exports.claim(model=LeadExport, now=timezone.now())
        exports.advance(export=claimed, done=1, total=4, now=timezone.now())
        expect(page.get_by_role("progressbar", name="Being made: 25 percent")).to_be_visible()
        exporting.make(claimed, timezone.now)
        with page.expect_download() as taken:
            page.get_by_role("button", name="Download").click()

        with Path(taken.value.path()).open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        assert {it["First name"] for it in rows} == {it.first_name for it in leads}
        assert {it["Sharing"] for it in rows} == {"shared"}
        assert all(len(it) == 16 and None not in it.values() for it in rows)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_whoever_comes_too_late_is_told_so(at_work, leads, olga, link, scripts):
    exports.ask(
        model=LeadExport, partner=link.partner, author=olga, language="en", now=timezone.now()
    )
    make()
    with at_work(width=360, java_script_enabled=scripts) as visitor:
        page = visitor.goto(EXPORTS)
        LeadExport.objects.update(expires_at=timezone.now())
        page.get_by_role("button", name="Download").click()

        told = page.get_by_text("This file has expired: it was here for 7 days.")
        expect(told).to_be_visible()
        expect(page.get_by_text("Expired. Ask for a new one.")).to_be_visible()
        expect(page.get_by_role("button", name="Download")).to_have_count(0)
        expect(page.get_by_role("button", name="Make a file of leads")).to_be_visible()


def test_a_file_of_others_is_the_same_404_as_none(at_work, leads, olga, link):
    others = Partner.objects.create(name="Example Nurses", slug="nurses")
    mine, foreign = (
        exports.ask(model=LeadExport, partner=it, author=olga, language="en", now=timezone.now())
        for it in (link.partner, others)
    )
    make()
    seen = []
    with at_work() as visitor:
        for wanted in (foreign.pk, uuid4()):
            page = visitor.goto(EXPORTS)
            form = page.locator(f"form[action*='{mine.pk}']")
            form.evaluate(f"it => it.action = it.action.replace('{mine.pk}', '{wanted}')")
            with page.expect_response(f"**/{wanted}/") as answer:
                page.get_by_role("button", name="Download").click()
            seen.append((answer.value.status, page.locator("body").inner_text()))

    assert seen[0] == seen[1]
    assert seen[0][0] == 404
    assert "nothing at this address" in seen[0][1]
    assert not LeadFetch.objects.exists()


def test_all_of_it_works_without_scripts(at_work, leads):
    with at_work(width=360, java_script_enabled=False) as visitor:
        page = visitor.goto(EXPORTS)
        page.get_by_role("button", name="Make a file of leads").click()
        make()
        page.get_by_role("link", name="Refresh").click()
        with page.expect_download() as taken:
            page.get_by_role("button", name="Download").click()

        assert Path(taken.value.path()).read_text(encoding="utf-8-sig").count("\n") == 5


@pytest.mark.parametrize("width", [360, 1280])
def test_somebody_takes_a_yes_back_on_a_phone(arrive, leads, link, width):
    ada = leads[0]
    token = keys.make(purpose="sharing", candidate_id=ada.pk)
    with arrive(width=width, bypass_csp=True) as visitor:
        page = visitor.goto(f"/sharing/{token}/")
        keep(page, "sharing")
        assert fits(page)
        assert complaints(page) == []

        page.get_by_role("button", name="Stop sharing with").click()

        expect(page.get_by_role("heading", level=1)).to_contain_text("no longer sees you")
        assert ada not in [it.candidate for it in sharing.leads(partner=link.partner)]
        assert complaints(page) == []
        assert visitor.noticed == []
