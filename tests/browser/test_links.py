"""A manager makes a link: on a phone and a desk, in the dark, by keyboard, without scripts."""

from contextlib import contextmanager

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from partners.models import BotTally, Member, ReferralLink, User, VisitTally
from tests.browser.looking import SIZES, complaints, fits
from tests.browser.test_portal import log_in

pytestmark = pytest.mark.browser
PASSWORD = "a-long-enough-secret"
LINKS = "/partners/league/links/"


@pytest.fixture
def at_work(arrive, link, settings, live_server):
    """Return how Olga, a manager, sits down before her links."""
    settings.BASE_URL = live_server.url
    user = User.objects.create_user("olga@example.org", PASSWORD, full_name="Olga Organizer")
    Member.objects.create(user=user, partner=link.partner, role=Member.Role.MANAGER)

    @contextmanager
    def sitting(path=LINKS, **options):
        with arrive(**options) as visitor:
            log_in(visitor.goto("/log-in/"))
            visitor.page.wait_for_url("**/partners/league/")
            visitor.goto(path)
            yield visitor

    return sitting


@pytest.fixture
def busy(link) -> None:
    """A long label, a few visits, and why others were none; a second link that is off."""
    hour_at = timezone.now().replace(minute=0, second=0, microsecond=0)
    ReferralLink.objects.update(label="Newsletter of the second week of October, second version")
    VisitTally.objects.create(link=link, hour_at=hour_at, raw=4127, bots=609, unique=3518)
    for reason, value in (("crawler", 580), ("prefetch", 29)):
        BotTally.objects.create(link=link, hour_at=hour_at, reason=reason, value=value)
    ReferralLink.objects.create(
        partner=link.partner, code="league-old", label="Poster", switched_off_at=hour_at
    )


def make(page, label: str, code: str = "") -> None:
    page.get_by_role("link", name="Make a link").click()
    page.get_by_label("Label").fill(label)
    page.get_by_label("Where you will share it").select_option("instagram")
    page.get_by_label("Your own code").fill(code)
    page.get_by_role("button", name="Make this link").click()


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scripts", [True, False])
def test_a_link_is_made_and_works(at_work, width, scripts):
    with at_work(width=width, java_script_enabled=scripts) as olga:
        make(olga.page, "Instagram bio", "League-IG")

        expect(olga.page.get_by_text("Your link is ready.")).to_be_visible()
        address = olga.page.get_by_label("Address", exact=True)
        expect(address).to_have_value(f"{olga.site}/r/league-ig")
        code = olga.page.get_by_role("img", name="QR code that leads to")
        expect(code).to_be_visible()
        expect(olga.page.get_by_label("Text message · in Spanish")).to_contain_text("/r/league-ig")
        expect(olga.page.get_by_role("button", name="Copy the address")).to_have_count(int(scripts))
        olga.goto("/r/league-ig")
        expect(olga.page.get_by_text("The Invented League").first).to_be_visible()
        assert olga.noticed == []


def test_a_code_that_is_taken_is_said_beside_its_field_and_nothing_is_lost(at_work):
    with at_work(width=360, bypass_csp=True) as olga:
        make(olga.page, "Instagram bio", "LEAGUE")

        beside = olga.page.locator("#id_code_error")
        expect(beside).to_contain_text("This code is taken, or once was")
        expect(olga.page.get_by_label("Label")).to_have_value("Instagram bio")
        assert complaints(olga.page) == []


def test_own_words_are_asked_for_only_where_the_list_has_none(at_work):
    with at_work(f"{LINKS}new/") as olga:
        words = olga.page.get_by_label("Where, in your own words")

        expect(words).to_be_hidden()
        olga.page.get_by_label("Where you will share it").select_option("other")
        expect(words).to_be_visible()


def test_copying_puts_a_text_on_the_clipboard(at_work):
    with at_work(f"{LINKS}league/", permissions=["clipboard-read", "clipboard-write"]) as olga:
        olga.page.get_by_role("button", name="Copy Text message").first.click()

        expect(olga.page.get_by_role("button", name="Copied Text message")).to_be_visible()
        assert f"{olga.site}/r/league" in olga.page.evaluate("navigator.clipboard.readText()")


def test_renaming_and_switching_off_lose_nobody(at_work):
    with at_work(f"{LINKS}league/", width=360, java_script_enabled=False) as olga:
        olga.page.get_by_text("Give it another code").click()
        olga.page.get_by_label("New code").fill("the-league")
        olga.page.get_by_role("button", name="Use the new code").click()
        expect(olga.page.get_by_text("The old one keeps working")).to_be_visible()
        olga.page.get_by_role("button", name="Switch it off").click()
        expect(olga.page.get_by_text("This link is switched off.")).to_be_visible()

        for code in ("league", "the-league"):
            olga.goto(f"/r/{code}")
            expect(olga.page.get_by_label("First name")).to_be_visible()


@pytest.mark.parametrize(("width", "scheme"), [*SIZES, (768, "light")])
@pytest.mark.parametrize("path", ["", "new/", "league/"])
def test_the_pages_fit_the_screen_and_anyone_can_read_them(at_work, busy, width, scheme, path):
    with at_work(LINKS + path, width=width, color_scheme=scheme, bypass_csp=True) as olga:
        for folded in olga.page.locator("summary").all():
            folded.click()

        assert fits(olga.page)
        assert complaints(olga.page) == []
        assert olga.noticed == []
