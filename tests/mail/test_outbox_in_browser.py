"""A browser shows the outbox's mail in its frame, under our strict policy, and its links work."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from candidates.models import FollowUp
from tests import mails

pytestmark = pytest.mark.browser


@pytest.fixture
def mail_address(zoe, owed, settings, tmp_path: Path, live_server: LiveServer) -> str:
    settings.ROOT_URLCONF = "tests.mail.demo_urls"
    settings.EMAIL_BACKEND = "candidates.outbox.EmailBackend"
    settings.OUTBOX_DIR = tmp_path
    settings.BASE_URL = live_server.url
    mails.written(owed(zoe)).send()
    return f"{live_server.url}/outbox/{FollowUp.objects.get().id}/1/?width=360"


@pytest.fixture
def page(mail_address: str, chromium: Browser) -> Iterator[Page]:
    with chromium.new_context(java_script_enabled=False) as context:
        yield context.new_page()


def test_the_mail_keeps_its_look_and_its_link_leads_out_of_the_frame(
    mail_address: str, page: Page
) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(mail_address)
    button = page.frame_locator("iframe").get_by_role("link", name="Yes, it's me")
    box = button.bounding_box()

    button.click()
    page.wait_for_url("**/confirm/*/")

    assert box is not None
    assert box["height"] >= 48
    assert box["width"] > 250
    assert [said for said in complaints if "Security Policy" in said] == []
