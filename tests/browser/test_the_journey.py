"""From a partner's link to a reached milestone, in a browser and over real SMTP."""

import re
from email.message import EmailMessage
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from candidates.models import Candidate, Suppression
from partners import letters, milestones
from partners.models import Credit, Drive, Milestone, ReferralLink
from tests import mails
from tests.browser.conftest import Arrive, forget
from tests.browser.looking import complaints
from tests.browser.test_public_pages import fill_in, send
from tests.sink import Sink

pytestmark = pytest.mark.browser


@pytest.fixture
def one_more(drive: Drive) -> Milestone:
    """A target that the next person reaches."""
    return drive.milestones.create(scope="cumulative", target=12_951)


def path_to(page: str, letter: EmailMessage) -> str:
    """Return where a link of the letter leads, as its reader would follow it."""
    body = letter.get_body(("plain",))
    found = re.search(rf"https?://\S*/{page}/\S+", body.get_content() if body else "")
    assert found, letter
    return urlsplit(found[0]).path


def sweep() -> None:
    """What Celery does once a second."""
    milestones.fold(now=timezone.now())
    mails.send_due(clock=timezone.now)
    milestones.announce(now=timezone.now())
    letters.sweep(clock=timezone.now)
    forget()


def press(page: Page) -> None:
    page.locator("main form button").first.click()


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("scripts", [True, False])
def test_from_a_partners_link_to_the_milestone_and_back_out(
    arrive: Arrive,
    link: ReferralLink,
    one_more: Milestone,
    sink: Sink,
    settings,
    width: int,
    language: str,
    scripts: bool,
) -> None:
    options = {"java_script_enabled": scripts, "locale": {"en": "en-US", "es": "es-MX"}[language]}
    with arrive(width, **options) as ada:
        settings.BASE_URL = ada.site
        page = ada.goto("/r/LEAGUE?utm_source=bio")
        expect(page.locator("html")).to_have_attribute("lang", language)
        fill_in(page)
        page.check("[name=share_consent]")
        send(page)
        expect(page).to_have_url(re.compile("/thanks/$"))
        sweep()

        confirmation, announcement = sink.messages
        assert announcement["To"] == "staff@example.org"
        page = ada.goto(path_to("confirm", confirmation))
        expect(page.locator("html")).to_have_attribute("lang", language)
        if scripts:
            assert complaints(page) == []
        assert Candidate.objects.get().confirmed_at is None
        press(page)
        if scripts:
            assert complaints(page) == []
        sweep()

        welcome = sink.messages[2]
        expect(ada.goto("/live/").locator("body")).to_contain_text("12,951")
        page = ada.goto(path_to("unsubscribe", welcome))
        assert not Suppression.objects.exists()
        press(page)
        if scripts:
            assert complaints(page) == []
        assert ada.noticed == []

    candidate = Candidate.objects.get()
    one_more.refresh_from_db()
    assert candidate.language == language
    assert candidate.confirmed_at is not None
    assert set(candidate.consents.values_list("purpose", "partner__slug")) == {
        ("contact", None),
        ("share", "league"),
    }
    assert set(Credit.objects.values_list("kind", "link__code")) == {
        ("signed_up", "league"),
        ("confirmed", "league"),
    }
    assert not Credit.objects.uncounted().exists()
    assert one_more.reached_by == Credit.objects.get(kind="signed_up")
    assert Suppression.objects.count() == 1
