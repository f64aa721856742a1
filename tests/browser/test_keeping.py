"""An hour of writing, an ended session, and not a word lost, in a real browser."""

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import expect

from candidates.models import StepText
from partners.models import User
from tests.broadcasts import drafted
from tests.browser.conftest import Visitor
from tests.browser.looking import SIZES, is_fine
from tests.browser.test_desk import log_in, sam

__all__ = ["sam"]
pytestmark = pytest.mark.browser
BODY = "# Hello, {first_name|friend}\n\nAn hour of work.\n\n" + "A line of it. " * 60


def write_too_long(sams: Visitor) -> None:
    """Press the button when the session has ended."""
    page = sams.page
    page.locator("details:has(#en_body)").locator("summary").click()
    page.locator("#en_body").fill(BODY)
    Session.objects.all().delete()
    page.locator("form:has(#en_body) button").first.click()
    expect(page.get_by_text("log in, and it is here again")).to_be_visible()


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_sam_writes_for_an_hour(width, scheme, arrive, drive, sam: User) -> None:
    made = drafted(sam, now=timezone.now())
    with arrive(width=width, color_scheme=scheme, bypass_csp=True) as sams:
        page = sams.goto(f"/admin/candidates/broadcast/{made.pk}/change/")
        log_in(page)
        write_too_long(sams)
        assert is_fine(sams, "kept-log-in")
        log_in(page)
        expect(page.get_by_text("An hour of work.")).to_be_visible()
        assert is_fine(sams, "kept-again")
        page.get_by_role("button", name="Send it now").click()
        page.wait_for_url("**/change/")

    assert StepText.objects.latest("version").body.strip() == BODY.strip()


def test_sam_writes_for_an_hour_without_javascript(arrive, drive, sam: User) -> None:
    made = drafted(sam, now=timezone.now())
    with arrive(java_script_enabled=False) as sams:
        page = sams.goto(f"/admin/candidates/broadcast/{made.pk}/change/")
        log_in(page)
        write_too_long(sams)
        log_in(page)
        page.get_by_role("button", name="Send it now").click()
        page.wait_for_url("**/change/")

    assert StepText.objects.latest("version").body.strip() == BODY.strip()
