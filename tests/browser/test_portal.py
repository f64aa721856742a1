"""A partner's organiser in the portal: on a phone and a desk, in the dark, by keyboard, without
scripts."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from partners.models import Member, Partner, ReferralLink, Tally, User, VisitTally
from tests.browser.looking import SIZES, complaints, fits

pytestmark = pytest.mark.browser
PASSWORD = "a-long-enough-secret"


@pytest.fixture
def olga(link: ReferralLink, settings, live_server) -> User:
    settings.BASE_URL = live_server.url
    user = User.objects.create_user("olga@example.org", PASSWORD, full_name="Olga Organizer")
    Member.objects.create(user=user, partner=link.partner, role=Member.Role.MANAGER)
    return user


def count(link: ReferralLink, drive, kind: str, value: int, hours_ago: int = 0) -> None:
    hour_at = timezone.now().replace(minute=0, second=0, microsecond=0)
    Tally.objects.update_or_create(
        drive=drive,
        partner=link.partner,
        link=link,
        kind=kind,
        hour_at=hour_at - timedelta(hours=hours_ago),
        defaults={"value": value},
    )


@pytest.fixture
def numbers(link: ReferralLink, drive) -> None:
    count(link, drive, "signed_up", 1204)
    count(link, drive, "confirmed", 641)
    VisitTally.objects.create(
        link=link, hour_at=timezone.now().replace(minute=0, second=0, microsecond=0), unique=3518
    )


def log_in(page: Page, email: str = "olga@example.org") -> None:
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


Work = Callable[..., Iterator[Page]]


@pytest.fixture
def at_work(arrive, olga) -> Work:
    """Return how Olga sits down before her numbers."""

    @contextmanager
    def sitting(**options):
        with arrive(**options) as visitor:
            log_in(visitor.goto("/log-in/"))
            visitor.page.wait_for_url("**/partners/league/")
            yield visitor

    return sitting


@pytest.mark.parametrize(("width", "scheme"), [*SIZES, (768, "light")])
def test_the_numbers_fit_the_screen_and_anyone_can_read_them(at_work, numbers, width, scheme):
    with at_work(width=width, color_scheme=scheme, bypass_csp=True) as olga:
        heading = olga.page.get_by_role("heading", level=1)

        expect(heading).to_have_text("1,204 people signed up through your links today")
        assert fits(olga.page)
        assert complaints(olga.page) == []
        assert olga.noticed == []


def test_new_numbers_come_by_themselves_and_disturb_nothing(at_work, numbers, link, drive):
    with at_work() as olga:
        olga.page.evaluate("document.getElementById('numbers').dataset.seconds = '0.3'")
        olga.page.get_by_text("Today by hour as a table").click()
        olga.page.get_by_role("textbox", name="Address of Bio").focus()
        olga.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

        count(link, drive, "signed_up", 1205)

        expect(olga.page.get_by_role("heading", level=1)).to_contain_text("1,205 people")
        expect(olga.page.locator("#hours-table table")).to_be_visible()
        expect(olga.page.locator("#hours-table table")).to_contain_text("1,205")
        expect(olga.page.locator("#address-league")).to_be_focused()
        assert olga.noticed == []


def test_the_first_sign_up_takes_the_advice_away(at_work, link, drive):
    with at_work() as olga:
        expect(olga.page.get_by_text("Paste this address into your next e-mail")).to_be_visible()
        olga.page.evaluate("document.getElementById('numbers').dataset.seconds = '0.3'")
        olga.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

        count(link, drive, "signed_up", 1)

        expect(olga.page.get_by_role("heading", level=1)).to_contain_text("1 person signed up")
        expect(olga.page.get_by_text("Paste this address")).to_be_hidden()


def test_whoever_was_logged_out_elsewhere_is_told_so(at_work, numbers):
    with at_work() as olga:
        olga.page.context.clear_cookies()
        olga.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

        expect(olga.page.get_by_text("You were logged out.")).to_be_visible()


def test_copying_puts_the_address_on_the_clipboard_and_says_so(at_work, numbers):
    with at_work(permissions=["clipboard-read", "clipboard-write"]) as olga:
        olga.page.get_by_role("button", name="Copy Bio").click()

        expect(olga.page.get_by_role("button", name="Copied Bio")).to_be_visible()
        expect(olga.page.locator("#copy-status")).to_contain_text("/r/league")
        assert olga.page.evaluate("navigator.clipboard.readText()") == f"{olga.site}/r/league"


def test_the_code_for_a_poster_opens_and_can_be_taken_away(at_work, numbers):
    with at_work(width=360) as olga:
        olga.page.get_by_text("QR code").click()

        code = olga.page.get_by_role("img", name="QR code that leads to")
        expect(code).to_be_visible()
        expect(code).to_have_js_property("complete", value=True)
        assert code.evaluate("it => it.naturalWidth") > 0
        with olga.page.expect_download() as taken:
            olga.page.get_by_role("link", name="PNG").click()
        assert taken.value.suggested_filename == "league.png"
        assert olga.noticed == []


def test_the_keyboard_is_enough(at_work, numbers):
    with at_work() as olga:
        seen = set()
        for _press in range(30):
            olga.page.keyboard.press("Tab")
            seen.add(
                olga.page.evaluate("document.activeElement.innerText || document.activeElement.id")
            )

    assert {"Log out", "Refresh", "Today by hour as a table", "address-league"} <= seen
    assert any("QR code" in it for it in seen)
    assert any("Copy" in it for it in seen)


def test_all_of_it_is_there_without_scripts(at_work, numbers):
    with at_work(java_script_enabled=False) as olga:
        expect(olga.page.get_by_role("heading", level=1)).to_contain_text("1,204 people")
        expect(olga.page.get_by_role("textbox")).to_have_value(f"{olga.site}/r/league")
        expect(olga.page.get_by_role("button", name="Copy")).to_have_count(0)
        olga.page.get_by_text("QR code").click()
        expect(olga.page.get_by_role("img", name="QR code that leads to")).to_be_visible()
        olga.page.get_by_role("link", name="Refresh").click()
        olga.page.get_by_role("button", name="Log out").click()
        expect(olga.page.get_by_role("button", name="Log in")).to_be_visible()


def test_on_paper_the_numbers_are_dark_on_light_and_nothing_asks_to_be_pressed(at_work, numbers):
    ground = "getComputedStyle(document.body).backgroundColor"
    with at_work(color_scheme="light") as olga:
        paper = olga.page.evaluate(ground)
    with at_work(color_scheme="dark") as olga:
        assert olga.page.evaluate(ground) != paper
        olga.page.emulate_media(media="print", color_scheme="dark")

        assert olga.page.evaluate(ground) == paper
        expect(olga.page.get_by_role("img", name="Sign-ups today by hour")).to_be_visible()
        expect(olga.page.get_by_role("navigation")).to_have_count(0)
        expect(olga.page.get_by_role("button")).to_have_count(0)
        expect(olga.page.get_by_role("link", name="Refresh")).to_have_count(0)
        expect(olga.page.get_by_role("link", name="Compare yourself")).to_have_count(0)


def test_a_wrong_password_says_what_to_do_and_keeps_the_address(arrive, olga):
    with arrive(width=360, bypass_csp=True) as visitor:
        log_in(visitor.goto("/log-in/"), "olga@example.com")

        expect(visitor.page.get_by_text("don't match an account here")).to_be_visible()
        expect(visitor.page.get_by_label("E-mail address")).to_have_value("olga@example.com")
        assert complaints(visitor.page) == []


def test_a_partner_without_anything_learns_what_to_do(arrive, olga, link):
    empty = Partner.objects.create(name="New Here", slug="new-here")
    Member.objects.all().update(partner=empty)
    with arrive(width=360, bypass_csp=True) as visitor:
        log_in(visitor.goto("/log-in/"))

        expect(visitor.page.get_by_text("You have no link yet.")).to_be_visible()
        assert complaints(visitor.page) == []
