"""The second step of a log-in in a real browser: set up, used, and lost."""

import pytest
from playwright.sync_api import Page, expect

from partners.models import Member, User
from tests import authenticator
from tests.browser.looking import SIZES, arrived, complaints, fits, keep

pytestmark = pytest.mark.browser
PASSWORD = "a-long-enough-secret"


@pytest.fixture
def olga(link, settings, live_server) -> User:
    settings.BASE_URL = live_server.url
    user = User.objects.create_user("olga@example.org", PASSWORD, full_name="Olga Organizer")
    Member.objects.create(user=user, partner=link.partner, role=Member.Role.MANAGER)
    return user


@pytest.fixture
def sam(drive) -> User:
    return User.objects.create_superuser("sam@example.org", PASSWORD, full_name="Sam Staff")


def log_in(page: Page, email: str) -> None:
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()


def check(page: Page, name: str) -> None:
    """Anyone can read the page, and it is no wider than the screen; SHOTS keeps a picture."""
    arrived(page)
    keep(page, name)
    assert complaints(page) == []
    assert fits(page)


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_olga_sets_it_up_and_logs_in_with_it(arrive, olga, width, scheme):
    with arrive(width=width, color_scheme=scheme, bypass_csp=True) as visitor:
        page = visitor.goto("/log-in/?next=/account/")
        log_in(page, "olga@example.org")
        check(page, "portal-account-before")
        page.get_by_role("link", name="Set it up").click()
        check(page, "portal-second-step-before")
        page.get_by_role("button", name="Begin").click()
        secret = page.locator("strong.code").inner_text()
        box = page.get_by_role("img", name="QR code for your app").locator("svg").bounding_box()
        assert box["width"] == box["height"] > 150
        page.get_by_label("Six digits").fill("12")
        page.get_by_role("button", name="Turn it on").click()
        expect(page.locator("#id_code_error")).to_contain_text("These digits aren't right")
        check(page, "portal-second-step-wrong")
        page.goto(page.url)
        check(page, "portal-second-step")
        page.get_by_label("Six digits").fill(authenticator.digits_of(secret))
        page.get_by_role("button", name="Turn it on").click()
        expect(page.locator(".recovery-codes .code")).to_have_count(10)
        codes = page.locator(".recovery-codes .code").all_inner_texts()
        check(page, "portal-recovery-codes")
        page.get_by_role("link", name="I have kept them").click()
        page.get_by_role("link", name="Recovery codes, or turn it off").click()
        page.get_by_text("Make ten new codes").click()
        check(page, "portal-second-step-on")
        page.get_by_role("button", name="Log out").click()
        log_in(page, "olga@example.org")
        expect(page.get_by_role("heading", name="One more step")).to_be_visible()
        check(page, "portal-log-in-code")
        page.get_by_text("I don't have my app here").click()
        page.get_by_label("Recovery code").fill(codes[3])
        check(page, "portal-log-in-recovery")
        page.get_by_role("button", name="Log in with a recovery code").click()
        page.wait_for_url("**/partners/league/")
        assert visitor.noticed == []


def test_it_works_without_scripts_and_breaks_no_policy(arrive, olga):
    authenticator.turn_on(olga)
    with arrive(width=360, java_script_enabled=False) as visitor:
        page = visitor.goto("/log-in/")
        log_in(page, "olga@example.org")
        page.get_by_label("Six digits").fill(authenticator.digits(olga))
        page.keyboard.press("Enter")
        page.wait_for_url("**/partners/league/")
        visitor.goto("/account/second-step/")
        page.get_by_text("Turn off the second step").click()
        off = page.get_by_role("region", name="Turn it off")
        off.get_by_label("Your password").fill(PASSWORD)
        off.get_by_label("Six digits").fill(authenticator.digits(olga, ahead=1))
        off.get_by_role("button", name="Turn it off").click()
        expect(page.get_by_text("The second step is off.")).to_be_visible()
        page.get_by_role("link", name="Set it up").click()
        page.get_by_role("button", name="Begin").click()
        box = page.get_by_role("img", name="QR code for your app").locator("svg").bounding_box()
        assert box["width"] == box["height"] > 150
        assert visitor.noticed == []


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_staff_set_it_up_before_the_desk_and_turn_it_off_for_a_colleague(
    arrive, sam, settings, width, scheme
):
    settings.REQUIRE_STAFF_TOTP = True
    robin = User.objects.create_user("robin@example.org", full_name="Robin Reyes", is_staff=True)
    authenticator.turn_on(robin)
    with arrive(width=width, color_scheme=scheme, bypass_csp=True) as visitor:
        page = visitor.goto("/admin/")
        page.get_by_label("E-mail").fill("sam@example.org")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_text("asks everybody for it")).to_be_visible()
        check(page, "staff-second-step-demanded")
        page.get_by_role("button", name="Begin").click()
        secret = page.locator("strong.code").inner_text()
        page.get_by_label("Six digits").fill(authenticator.digits_of(secret))
        page.get_by_role("button", name="Turn it on").click()
        page.get_by_role("link", name="I have kept them. To the desk").click()
        page.wait_for_url("**/admin/")
        check(page, "desk-header")
        visitor.goto(f"/admin/partners/user/{robin.pk}/change/")
        page.get_by_role("link", name="Turn off the second step…").click()
        check(page, "desk-second-step")
        page.get_by_label("Reason").fill("Called on the number in the staff list.")
        page.get_by_role("button", name="Turn it off").click()
        expect(page.get_by_text("The second step of Robin Reyes is off.")).to_be_visible()
        assert visitor.noticed == []
