"""The form and the count on a partner's own site: a real page, on a real other origin."""

import os
import re
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, Frame, FrameLocator, Page, expect

from candidates.models import Candidate
from partners import embedding, visits
from partners.models import Credit, Member, Partner, ReferralLink, User
from partners.snippets import Choice
from recruit.local import processes
from tests.browser.looking import SIZES, complaints, keep
from tests.browser.test_public_pages import fill_in
from tests.chromium import QUIETLY

pytestmark = pytest.mark.browser
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Our own site</title>
<meta name="viewport" content="width=device-width"></head>
<body><main><h1>The league</h1>%s<p id="after">Below the form</p></main></body></html>"""


class Site(ThreadingHTTPServer):
    """A partner's web server: one page."""

    body = ""

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Answer(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write((PAGE % self.server.body).encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def site() -> Iterator[Site]:
    with Site(("127.0.0.1", 0), Answer) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def paste(site: Site, link: ReferralLink, live_server: Any, settings: Any) -> Callable[..., Choice]:
    """The organiser allows the site and pastes a line into its page."""
    settings.BASE_URL = live_server.url
    embedding.allow(partner=link.partner, origins=[site.origin])

    def pasted(line: str = "script_line", **chosen: bool) -> Choice:
        choice = Choice(code=link.code, label=link.label, **chosen)
        site.body = str(getattr(choice, line))
        return choice

    return pasted


def frame_of(page: Page) -> Frame:
    page.locator("iframe").wait_for()
    page.frame_locator("iframe").locator("main").wait_for()
    return page.frames[1]


def height_of(page: Page) -> float:
    box = page.locator("iframe").bounding_box()
    assert box
    return box["height"]


def fits(page: Page, frame: Frame) -> None:
    """The frame is as high as what is in it: nothing to scroll, nothing empty."""

    def is_filled() -> bool:
        inside = frame.evaluate("document.body.getBoundingClientRect().height")
        return height_of(page) != 900 and abs(height_of(page) - inside) <= 1

    assert processes.wait_until(is_filled, seconds=10)
    assert frame.evaluate("document.documentElement.scrollHeight") <= height_of(page)


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("is_spanish", [False, True])
def test_somebody_signs_up_on_a_partners_site(
    arrive: Any, site: Site, paste: Any, link: ReferralLink, width: int, is_spanish: bool
) -> None:
    paste(is_spanish=is_spanish)
    with arrive(width) as ada:
        page = ada.page
        page.goto(site.origin)
        frame = frame_of(page)
        expect(page.frame_locator("iframe").locator("html")).to_have_attribute(
            "lang", "es" if is_spanish else "en"
        )
        fits(page, frame)
        fill_in(frame)
        frame.check("[name=share_consent]")
        frame.click("#sign-up button")
        frame.locator(".alert-success").wait_for()

        assert page.url == site.origin + "/"
        assert "/thanks/" in frame.url
        fits(page, frame)
        expect(page.frame_locator("iframe").locator(".alert-success")).to_be_in_viewport()
        assert page.context.cookies() == []
    candidate = Candidate.objects.get()
    assert Credit.objects.get().link == link
    assert candidate.language == ("es" if is_spanish else "en")
    assert candidate.consents.filter(partner=link.partner).exists()


def test_the_frame_grows_with_what_is_to_be_mended_and_leads_there(
    arrive: Any, site: Site, paste: Any
) -> None:
    paste()
    with arrive(360) as ada:
        ada.page.goto(site.origin)
        frame = frame_of(ada.page)
        fits(ada.page, frame)
        before = height_of(ada.page)
        frame.fill("[name=first_name]", "Ada")
        frame.click("#sign-up button")
        frame.locator("#errors").wait_for()
        fits(ada.page, frame)

        assert height_of(ada.page) > before + 50
        assert frame.evaluate("document.activeElement.id") == "errors"
        expect(ada.page.frame_locator("iframe").locator("#errors")).to_be_in_viewport()
        assert frame.input_value("[name=first_name]") == "Ada"


@pytest.mark.parametrize("line", ["script_line", "frame_line"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_another_site_gets_no_form_but_a_way_to_it(
    arrive: Any, site: Site, paste: Any, link: ReferralLink, line: str, scheme: str
) -> None:
    paste(line)
    embedding.allow(partner=link.partner, origins=["https://elsewhere.example"])
    with arrive(360, color_scheme=scheme) as ada:
        ada.page.goto(site.origin)
        frame = frame_of(ada.page)
        inside = ada.page.frame_locator("iframe")
        if line == "script_line":
            fits(ada.page, frame)
        expect(inside.locator("form")).to_have_count(0)
        expect(inside.get_by_text(f"adds {site.origin} in the portal")).to_be_visible()
        keep(ada.page, "embed-elsewhere" if line == "script_line" else "embed-elsewhere-frame")
        assert complaints(ada.page) == []
        assert not any("frame-ancestors" in it for it in ada.noticed)
        assert list(visits._waiting) == []

        with ada.page.expect_popup() as opened:
            inside.get_by_role("link", name="Open the form").click()
        opened.value.wait_for_load_state()
        fill_in(opened.value)
        opened.value.click("#sign-up button")
        opened.value.wait_for_url("**/thanks/")
    assert Credit.objects.get().link == link


def test_a_site_that_hides_its_name_gets_nothing(
    arrive: Any, site: Site, paste: Any, link: ReferralLink
) -> None:
    paste("frame_line")
    site.body = '<meta name="referrer" content="no-referrer">' + site.body
    embedding.allow(partner=link.partner, origins=["https://elsewhere.example"])
    with arrive() as ada:
        with ada.page.expect_console_message(lambda it: "frame-ancestors" in it.text):
            ada.page.goto(site.origin)

        assert ada.page.frame_locator("iframe").locator("form, a").count() == 0


KEEP_A_COOKIE = "document.cookie = 'seen=1; SameSite=None; Secure'; document.cookie"


@pytest.fixture(scope="module")
def strict(chromium: Browser) -> Iterator[Browser]:
    """A second Chromium, which blocks the cookies of third parties."""
    browser = chromium.browser_type.launch(
        executable_path=os.environ["CHROMIUM"],
        args=[*QUIETLY, "--test-third-party-cookie-phaseout"],
    )
    yield browser
    browser.close()


def test_the_strict_browser_keeps_our_cookie_on_our_own_page_and_none_in_a_frame(
    strict: Browser, site: Site, paste: Any, live_server: Any
) -> None:
    """Or the next test would show nothing."""
    paste()
    with strict.new_context() as context:
        page = context.new_page()
        page.goto(f"{live_server.url}/embed/league/")
        assert page.evaluate(KEEP_A_COOKIE) == "seen=1"
        page.goto(site.origin)
        assert frame_of(page).evaluate(KEEP_A_COOKIE) == ""


def test_somebody_whose_browser_blocks_cookies_signs_up_and_is_credited(
    strict: Browser, site: Site, paste: Any, link: ReferralLink, live_server: Any
) -> None:
    nurses = Partner.objects.create(name="Example Nurses", slug="nurses")
    ReferralLink.objects.create(partner=nurses, code="nurse", label="Ward")
    paste()
    with strict.new_context() as context:
        page = context.new_page()
        page.goto(f"{live_server.url}/r/nurse")
        assert [it["name"] for it in context.cookies()] != []
        page.goto(site.origin)
        frame = frame_of(page)
        fits(page, frame)
        fill_in(frame)
        frame.click("#sign-up button")
        frame.locator(".alert-success").wait_for()
        fits(page, frame)

        paste(is_thermometer=True)
        page.goto(site.origin)
        expect(page.frame_locator("iframe").locator("progress").first).to_be_visible()
    assert Credit.objects.get().link == link
    assert [it.raw_code for it in Candidate.objects.get().touches.all()] == ["league"]


def test_the_keyboard_goes_into_the_frame_through_the_form_and_out_again(
    arrive: Any, site: Site, paste: Any
) -> None:
    choice = paste()
    site.body = f'<a href="#after" id="before">Above</a>{site.body}<a href="#after">Below</a>'
    with arrive() as ada:
        page = ada.page
        page.goto(site.origin)
        frame = frame_of(page)
        fits(page, frame)
        expect(page.locator("iframe")).to_have_attribute("title", re.compile(choice.title))
        page.focus("#before")
        came_to = []
        while page.evaluate("document.activeElement.innerText") != "Below":
            page.keyboard.press("Tab")
            came_to.append(frame.evaluate("document.activeElement.name || ''"))
            assert len(came_to) < 60, came_to

    asked = [it for it in dict.fromkeys(came_to) if it]
    assert asked[:4] == ["first_name", "last_name", "email", "zip_code"]
    assert asked[-1].endswith("consent")
    assert "website" not in asked


def test_a_site_without_scripts_of_others_gets_a_frame_that_scrolls(
    arrive: Any, site: Site, paste: Any, link: ReferralLink
) -> None:
    choice = paste("frame_line")
    with arrive(360, java_script_enabled=False) as ada:
        page = ada.page
        page.goto(site.origin)
        inside: FrameLocator = page.frame_locator("iframe")
        expect(page.locator("iframe")).to_have_attribute("title", choice.title)
        expect(page.locator("iframe")).to_have_attribute("height", "900")
        fill_in(inside_page(page))
        inside.locator("#sign-up button").click()
        expect(inside.locator(".alert-success")).to_be_visible()
    assert Credit.objects.get().link == link


def inside_page(page: Page) -> Frame:
    page.frame_locator("iframe").locator("#sign-up").wait_for()
    return page.frames[1]


def test_the_count_stands_on_a_partners_site_and_leads_to_its_link(
    arrive: Any, site: Site, paste: Any
) -> None:
    paste(is_thermometer=True)
    with arrive(360) as ada:
        page = ada.page
        page.goto(site.origin)
        frame = frame_of(page)
        page.wait_for_function("document.querySelector('iframe').offsetHeight != 320")
        expect(page.frame_locator("iframe").locator("[data-figure=day]")).to_have_text("0")
        with page.context.expect_page() as opened:
            frame.click(".btn-primary")
        opened.value.wait_for_load_state()

        assert opened.value.url.rstrip("/") == ada.site
        expect(opened.value.locator("body")).to_contain_text("The Invented League")


@pytest.mark.parametrize(("width", "scheme"), SIZES)
@pytest.mark.parametrize("is_thermometer", [False, True])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    arrive: Any, site: Site, paste: Any, width: int, scheme: str, is_thermometer: bool
) -> None:
    paste(is_thermometer=is_thermometer)
    with arrive(width, height=2800 if width < 1000 else 2100, color_scheme=scheme) as ada:
        ada.page.goto(site.origin)
        frame = frame_of(ada.page)
        ada.page.wait_for_timeout(300)
        keep(ada.page, "embed-count" if is_thermometer else "embed-form")

        assert complaints(ada.page) == []
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert (ada.page.evaluate(wide), frame.evaluate(wide)) == (0, 0)
        expect(ada.page.locator("iframe")).to_have_attribute("title", re.compile("run for office"))
        frame_page = ada.page.context.new_page()
        frame_page.goto(frame.url)
        assert complaints(frame_page) == []


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_a_manager_allows_a_site_and_copies_the_line(
    arrive: Any, link: ReferralLink, live_server: Any, settings: Any, width: int, scheme: str
) -> None:
    settings.BASE_URL = live_server.url
    olga = User.objects.create_user("olga@example.org", "a-long-enough-secret", full_name="Olga")
    Member.objects.create(user=olga, partner=link.partner, role=Member.Role.MANAGER)
    with arrive(width, height=2000, color_scheme=scheme) as visitor:
        page = visitor.goto("/log-in/?next=/partners/league/embed/")
        page.get_by_label("E-mail address").fill("olga@example.org")
        page.get_by_label("Password").fill("a-long-enough-secret")
        page.get_by_role("button", name="Log in").click()
        sites = page.get_by_label("Your sites")
        sites.fill("https://*.league.example")
        page.get_by_role("button", name="Save your sites").click()
        expect(sites).to_have_attribute("aria-invalid", "true")
        assert complaints(page) == []
        keep(page, "portal-embed-error")
        sites.fill("https://www.league.example/join")
        page.get_by_role("button", name="Save your sites").click()
        expect(sites).to_have_value("https://www.league.example")
        page.locator("#lang").select_option("es")
        page.get_by_role("button", name="Show the lines").click()
        line = page.get_by_label("Where the form should stand")
        expect(line).to_have_value(re.compile('data-link="league" data-lang="es" async></script>$'))
        preview = page.frame_locator(".preview iframe")
        expect(preview.get_by_role("heading", name="Levanta la mano")).to_be_attached()
        page.wait_for_timeout(300)
        keep(page, "portal-embed")

        assert complaints(page) == []
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wide) == 0
        assert visitor.noticed == []
    assert list(visits._waiting) == []


def test_messages_of_strangers_move_nothing(arrive: Any, site: Site, paste: Any) -> None:
    paste()
    with arrive() as ada:
        ada.page.goto(site.origin)
        fits(ada.page, frame_of(ada.page))
        before = height_of(ada.page)
        ada.page.evaluate("postMessage({type: 'recruit:height', height: 5000}, '*')")
        ada.page.wait_for_timeout(200)

        assert height_of(ada.page) == before
