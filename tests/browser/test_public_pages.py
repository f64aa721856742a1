"""The public pages, as people meet them: on a phone or a desk, by keyboard, without JavaScript."""

import re
import shutil
import subprocess
import time

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from candidates.models import Candidate, Consent
from partners import milestones, totals
from partners.models import Drive, ReferralLink
from tests.browser.conftest import Arrive
from tests.browser.looking import SIZES, complaints, fits

pytestmark = pytest.mark.browser

PAGES = (
    "/",
    "/thanks/",
    "/confirm/wrong/",
    "/unsubscribe/wrong/",
    "/privacy/",
    "/live/",
    "/corrections/",
    "/nowhere/",
)
TALLEST_WALL = 740 - 48
BARELY = 0.03


def has_a_stand_in() -> bool:
    """Whether there is a typeface as wide as ours, as on nearly every phone and desk."""
    command = ["fc-match", "Arial"]
    found = shutil.which(command[0]) and subprocess.run(command, capture_output=True, text=True)
    return bool(found) and re.search("Arial|Liberation", found.stdout) is not None


def fill_in(page: Page, **other: str) -> None:
    answers = {
        "first_name": "Ada",
        "last_name": "Example",
        "email": "ada@example.org",
        "zip_code": "60601",
    }
    for name, answer in (answers | other).items():
        page.fill(f"[name={name}]", answer)
    page.check("[name=office][value=council]")
    page.check("[name=timeline][value=next_year]")
    page.check("[name=contact_consent]")


def send(page: Page) -> None:
    page.click("#sign-up button")


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize(("start", "thanks"), [("/", "/thanks/"), ("/es/", "/es/thanks/")])
@pytest.mark.parametrize("scripts", [True, False])
def test_somebody_raises_a_hand(
    arrive: Arrive, width: int, start: str, thanks: str, scripts: bool
) -> None:
    with arrive(width, java_script_enabled=scripts) as ada:
        fill_in(ada.goto(start))
        send(ada.page)

        expect(ada.page).to_have_url(ada.site + thanks)
        expect(ada.page.locator("html")).to_have_attribute("lang", "es" if "es" in start else "en")
        assert ada.noticed == []
    assert Candidate.objects.get().email == "ada@example.org"


def test_somebody_signs_up_with_the_keyboard_alone(arrive: Arrive) -> None:
    with arrive() as ada:
        page = ada.goto("/")
        page.keyboard.press("Tab")
        expect(page.locator(".skip")).to_be_focused()
        page.keyboard.press("Enter")
        for answer in ("Ada", "Example", "ada@example.org", "60601", ""):
            page.keyboard.press("Tab")
            page.keyboard.type(answer)
        for _ in ("office", "timeline"):
            page.keyboard.press("Tab")
            page.keyboard.press("Space")
            page.keyboard.press("ArrowDown")
        page.keyboard.press("Tab")
        page.keyboard.type("The buses")
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")

        expect(page).to_have_url(ada.site + "/thanks/")
    ada_herself = Candidate.objects.get()
    assert (ada_herself.office, ada_herself.motivation) == ("council", "The buses")


@pytest.mark.parametrize("width", [360, 1280])
def test_mistakes_are_shown_beside_their_fields_and_nothing_typed_is_lost(
    arrive: Arrive, width: int
) -> None:
    with arrive(width) as ada:
        page = ada.goto("/")
        fill_in(page, email="ada@", zip_code="00000", phone="12", motivation="Buses,\nthen trains")
        send(page)

        expect(page.locator("#errors")).to_be_focused()
        for name, typed in {"email": "ada@", "zip_code": "00000", "phone": "12"}.items():
            box = page.locator(f"[name={name}]")
            expect(box).to_have_value(typed)
            expect(box).to_have_attribute("aria-invalid", "true")
            expect(page.locator(f"#id_{name}_error")).to_be_visible()
            page.click(f"#errors a[href='#id_{name}']")
            expect(box).to_be_focused()
        expect(page.locator("[name=motivation]")).to_have_value("Buses,\nthen trains")
        expect(page.locator("[name=office][value=council]")).to_be_checked()
        expect(page.locator("[name=contact_consent]")).to_be_checked()
        expect(page.locator(".invalid-feedback")).to_have_count(3)
        assert dangling(page) == []
        assert complaints(page) == []
        assert fits(page)
    assert not Candidate.objects.exists()


def test_an_empty_form_says_what_to_do_for_every_question(arrive: Arrive) -> None:
    with arrive(360) as ada:
        page = ada.goto("/")
        send(page)

        page.click("#errors a[href='#id_office_0']")
        expect(page.locator("#id_office_0")).to_be_focused()
        expect(page.locator("#errors li")).to_have_count(7)
        asked = page.locator("#errors li").all_text_contents()
        assert not any("required" in words or "invalid" in words for words in asked)
        assert dangling(page) == []


def test_sharing_is_asked_with_the_name_of_the_partner_and_not_ticked(
    arrive: Arrive, link: ReferralLink
) -> None:
    with arrive(360) as ada:
        page = ada.goto("/r/league")
        box = page.get_by_label(re.compile(link.partner.name))

        expect(box).not_to_be_checked()
        assert fits(page)
        fill_in(page)
        box.check()
        send(page)
        expect(page).to_have_url(re.compile("/thanks/$"))
    shared = Consent.objects.get(purpose="share")
    assert (shared.partner, link.partner.name in shared.wording) == (link.partner, True)


def test_the_first_field_is_on_the_first_screen_of_a_phone(arrive: Arrive) -> None:
    with arrive(360) as ada:
        box = ada.goto("/").locator("#id_first_name").bounding_box()

        assert box
        assert box["y"] <= TALLEST_WALL


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_axe_finds_nothing(arrive: Arrive, width: int, scheme: str) -> None:
    with arrive(width, color_scheme=scheme) as ada:
        for path in PAGES:
            ada.goto(path)
            assert (path, complaints(ada.page)) == (path, [])
            assert (path, dangling(ada.page)) == (path, [])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_seven_to_one(arrive: Arrive, scheme: str) -> None:
    enhanced = {
        "runOnly": ["color-contrast-enhanced"],
        "rules": {"color-contrast-enhanced": {"enabled": True}},
    }
    with arrive(1280, color_scheme=scheme) as ada:
        for path in PAGES:
            ada.goto(path)
            assert (path, complaints(ada.page, **enhanced)) == (path, [])
        page = ada.goto("/")
        send(page)
        assert complaints(page, **enhanced) == []


@pytest.mark.parametrize("width", [320, 360, 640, 768, 1280])
def test_nothing_has_to_be_scrolled_sideways(arrive: Arrive, width: int) -> None:
    """A desk of 1280 px at 200 % is 640 px wide; 320 px is what WCAG 1.4.10 asks for."""
    with arrive(width) as ada:
        for path in PAGES:
            assert (path, fits(ada.goto(path))) == (path, True)
            ada.page.evaluate("document.documentElement.style.fontSize = '150%'")
            if width >= 640:
                assert (path, fits(ada.page)) == (path, True)


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_moves_while_a_page_arrives_and_counts(arrive: Arrive, width: int) -> None:
    with arrive(width) as ada:
        for path in ("/", "/thanks/", "/live/"):
            ada.goto(path)
            ada.page.wait_for_timeout(1500)
            assert (path, ada.page.evaluate("window.shifted")) == (path, 0)
        assert ada.noticed == []


@pytest.mark.skipif(not has_a_stand_in(), reason="no Arial and no Liberation Sans is installed")
@pytest.mark.parametrize("width", [360, 1280])
def test_a_typeface_that_comes_late_moves_hardly_anything(arrive: Arrive, width: int) -> None:
    """Up to 0.1 counts as good: a word may change its line, a block may not change its place."""
    with arrive(width) as ada:
        ada.page.route("**/*.woff2", late)
        for path in ("/", "/thanks/", "/privacy/"):
            ada.goto(path)
            ada.page.wait_for_timeout(1500)
            assert ada.page.evaluate("window.shifted") < BARELY, path


def test_every_target_is_big_enough_for_a_thumb(arrive: Arrive) -> None:
    with arrive(360) as ada:
        for path in PAGES:
            ada.goto(path)
            small = ada.page.evaluate(
                """[...document.querySelectorAll("a, button, input, textarea, .card")]
                .filter((it) => it.checkVisibility() && !it.closest(".bait, p, .skip"))
                .filter((it) => !it.matches(".skip, .card input, .form-check input"))
                .filter((it) => it.getBoundingClientRect().height < 47.5)
                .map((it) => it.outerHTML)"""
            )
            assert (path, small) == (path, [])


def test_the_numbers_move_without_a_reload(arrive: Arrive, drive: Drive) -> None:
    with arrive() as board, arrive(360) as ada:
        for path in ("/", "/live/"):
            expect(board.goto(path).locator("[data-figure=day]")).to_have_text("0")
        fill_in(ada.goto("/"))
        send(ada.page)
        expect(ada.page).to_have_url(re.compile("/thanks/$"))
        milestones.fold(now=timezone.now())
        totals.forget()

        expect(board.page.locator("[data-figure=day]")).to_have_text("1")
        expect(board.page.locator("[data-figure=cumulative]")).to_have_text("12,951")
        assert board.page.locator("[data-bar=day]").evaluate("(bar) => bar.value") == 1
        assert board.noticed == []


def test_a_milestone_fills_the_big_screen_once(arrive: Arrive, drive: Drive) -> None:
    now = timezone.now()
    drive.milestones.filter(scope="day").update(reached_at=now, reached_value=2000)
    totals.forget()
    with arrive() as board:
        page = board.goto("/live/")

        expect(page.locator(".moment-number")).to_have_text("2,000")
        assert complaints(page) == []
        page.keyboard.press("Escape")
        expect(page.locator(".moment-number")).to_have_count(0)
        expect(page.locator("[data-milestone='day 2000']")).to_have_class(re.compile("is-reached"))
        page.wait_for_timeout(6000)
        expect(page.locator(".moment-number")).to_have_count(0)
        assert board.noticed == []


def test_a_screen_that_hears_nothing_says_how_old_its_numbers_are(arrive: Arrive) -> None:
    with arrive() as board:
        board.page.clock.install()
        page = board.goto("/live/")
        page.route("**/totals.json", lambda route: route.abort())
        page.clock.run_for(120_000)

        expect(page.locator("[data-stale]")).to_be_visible()


def test_the_big_screen_refreshes_itself_without_scripts(arrive: Arrive) -> None:
    with arrive(java_script_enabled=False) as board:
        html = board.goto("/live/").content()

        assert 'http-equiv="refresh"' in html
        expect(board.page.locator("[data-figure=day]")).to_have_text("0")


def test_the_other_language_is_one_press_away_and_leads_back(arrive: Arrive) -> None:
    with arrive(360) as ada:
        page = ada.goto("/privacy/")
        page.click("nav a[hreflang=es]")
        expect(page).to_have_url(ada.site + "/es/privacy/")
        page.click("nav a[hreflang=en]")
        expect(page).to_have_url(ada.site + "/privacy/")


def late(route: Route) -> None:
    """Let the typeface come after the first paint."""
    time.sleep(0.5)
    route.continue_()


def dangling(page: Page) -> list[str]:
    """Return the ids that labels and descriptions point to and that are not there."""
    missing: list[str] = page.evaluate(
        """[...document.querySelectorAll("[aria-describedby], [aria-labelledby], label[for]")]
        .flatMap((it) => [it.getAttribute("aria-describedby"), it.getAttribute("aria-labelledby"),
            it.getAttribute("for")].join(" ").split(" "))
        .filter((id) => id && !document.getElementById(id))"""
    )
    return missing
