"""Staff begin a rehearsal, somebody signs up in it, staff purge it: as both see it on a phone."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect

from candidates.models import Candidate
from candidates.replay.browser import Browser
from partners import rehearsals
from partners.models import Drive, User
from tests.browser.looking import arrived, complaints, keep
from tests.browser.test_public_pages import fill_in, send
from tests.rehearsal.conftest import Begin

pytestmark = pytest.mark.browser
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 740}


def is_fine(page: Page, name: str) -> bool:
    arrived(page)
    page.set_viewport_size(DESK)
    keep(page, name)
    page.set_viewport_size(PHONE)
    keep(page, name)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert complaints(page) == []
    return True


@pytest.mark.usefixtures("redis")
def test_begun_signed_up_counted_there_and_purged(
    begin_whole: Begin,
    processes_of_it: Browser,
    live_server: Any,
    chromium: Chromium,
    staffer: User,
    drive: Drive,
) -> None:
    desk = Client()
    desk.force_login(staffer)
    session = {"name": "session", "value": desk.cookies["session"].value, "url": live_server.url}
    page_of = live_server.url + reverse("admin:partners_drive_rehearse", args=[drive.pk])
    with chromium.new_context(viewport=PHONE, reduced_motion="reduce") as context:
        context.set_default_timeout(30_000)
        context.add_cookies([session])
        page = context.new_page()

        page.goto(live_server.url + reverse("admin:partners_drive_change", args=[drive.pk]))
        keep(page, "rehearsal-drive")  # the table of milestones has an empty heading of Django's
        page.goto(page_of)
        assert is_fine(page, "rehearsal-begin")
        page.get_by_role("button", name="Begin a rehearsal").click()
        expect(page.get_by_role("progressbar")).to_be_visible()
        rehearsals.tend(clock=timezone.now)
        page.goto(page_of)
        assert is_fine(page, "rehearsal-on")
        page.get_by_role("link", name="http://127.0.0.1").first.click()

        expect(page.get_by_role("complementary", name="Rehearsal")).to_contain_text(
            "This is a rehearsal"
        )
        assert is_fine(page, "rehearsal-home")
        fill_in(page)
        send(page)
        expect(page.locator("h1")).to_be_visible()
        page.goto(f"{processes_of_it.line.origin}/live/")
        expect(page.locator("[data-figure=day]")).to_have_text("1", timeout=30_000)
        assert is_fine(page, "rehearsal-live")
        assert not Candidate.objects.exists()

        page.goto(page_of)
        page.get_by_role("link", name="Purge it").click()
        assert is_fine(page, "rehearsal-purge")
        expect(page.get_by_text("1 person who signed up in it")).to_be_visible()
        page.get_by_role("button", name="Purge the rehearsal").click()
        expect(page.get_by_text("nothing of it is left")).to_be_visible()
        page.goto(f"{processes_of_it.line.origin}/")
        expect(page.locator("h1").first).to_have_text("There is no rehearsal now")
        page.emulate_media(color_scheme="dark")
        assert is_fine(page, "rehearsal-none")
