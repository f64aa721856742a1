"""A mail to many in a real browser: drafted, counted, released by a second person, paused."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from candidates import broadcasts
from candidates.models import Broadcast, Candidate, Consent, FollowUp
from partners.models import User
from tests.broadcasts import drafted, release, say
from tests.browser import looking

pytestmark = pytest.mark.browser
PASSWORD = "a-long-enough-secret"
LIST = "/admin/candidates/broadcast/"


@pytest.fixture
def sam(drive) -> User:
    return User.objects.create_superuser("sam@example.org", PASSWORD, full_name="Sam Staff")


@pytest.fixture
def rita(drive) -> User:
    return User.objects.create_superuser("rita@example.org", PASSWORD, full_name="Rita Release")


@pytest.fixture
def crowd(drive) -> list[Candidate]:
    """So many that a number has a comma; they confirmed yesterday."""
    at = timezone.now() - timedelta(days=1)
    crowd = Candidate.objects.bulk_create(
        Candidate(
            first_name="Ada", last_name=f"Example {number}", email=f"ada{number}@example.org",
            email_canonical=f"ada{number}@example.org", zip_code="10001", state="NY",
            office="council", timeline="later", language="en", signed_up_at=at, confirmed_at=at,
        )
        for number in range(1_204)
    )  # fmt: skip
    Consent.objects.bulk_create(
        Consent(candidate=it, purpose="contact", wording="Yes.", given_at=at) for it in crowd
    )
    return crowd


def is_fine(visitor: Any, name: str) -> bool:
    """Nothing was refused, nothing scrolls sideways, axe finds nothing; a picture is kept."""
    looking.arrived(visitor.page)
    assert visitor.noticed == [], name
    looking.keep(visitor.page, name)
    assert looking.fits(visitor.page), name
    assert looking.complaints(visitor.page) == [], name
    visitor.noticed.clear()  # axe asks for the stylesheet that Django's imports, and misses it
    return True


def log_in(page: Page, user: User) -> None:
    page.get_by_label("E-mail").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_sam_drafts_it_and_rita_lets_it_go(scripts, arrive, sam, rita, crowd):
    with arrive(java_script_enabled=scripts) as sams:
        page = sams.goto(f"{LIST}add/")
        log_in(page, sam)
        page.get_by_label("Name:", exact=True).fill("The day is near")
        page.get_by_label("City or town council").check()
        page.get_by_role("button", name="Save and count").click()
        expect(page.get_by_text("1,204 people would get it.")).to_be_visible()
        page.get_by_label("Subject").first.fill("The day is near")
        page.get_by_label("Text:", exact=True).first.fill("# Hello\n\nThe day is near.")
        page.get_by_role("button", name="Save the words").first.click()
        expect(page.get_by_text("a colleague has to release it")).to_be_visible()
    with arrive(java_script_enabled=scripts) as ritas:
        page = ritas.goto(f"{LIST}{Broadcast.objects.get().pk}/change/")
        log_in(page, rita)
        page.get_by_label("Type the number of people again").fill("1204")
        page.get_by_role("button", name="Release it").click()
        expect(page.get_by_text("0 of 1,204 mails are settled.")).to_be_visible()
        page.get_by_role("button", name="Pause").click()
        expect(page.get_by_text("1,204 mails are held back.")).to_be_visible()
        page.get_by_role("button", name="Resume").click()
        expect(page.get_by_text("1,204 mails are due.")).to_be_visible()

    assert sams.noticed == ritas.noticed == []
    assert FollowUp.objects.filter(state="due").count() == 1_204


def test_the_progress_moves_by_itself_and_the_buttons_come_when_it_is_over(
    arrive, sam, rita, crowd, monkeypatch
):
    monkeypatch.setattr("candidates.admin.broadcast_page.SECONDS", 0.2)
    broadcast = drafted(sam, now=timezone.now())
    release(broadcast, rita, now=timezone.now())
    with arrive() as ritas:
        page = ritas.goto(f"{LIST}{broadcast.pk}/change/")
        log_in(page, rita)
        rows = FollowUp.objects.filter(step=broadcast.step)
        half = rows.filter(pk__in=rows.values("pk")[:602])
        half.update(state="sent", sent_at=timezone.now())
        expect(page.get_by_text("602 of 1,204 mails are settled.")).to_be_visible()
        expect(page.get_by_text("If that goes on, done by")).to_be_visible()
        rows.update(state="sent", sent_at=timezone.now())
        expect(page.get_by_text("1,204 of 1,204 mails are settled.")).to_be_visible()
        expect(page.get_by_role("button", name="Pause")).to_have_count(0)

    assert ritas.noticed == []


@pytest.mark.parametrize(("width", "scheme"), looking.SIZES)
def test_everybody_can_read_the_pages(width, scheme, arrive, sam, rita, crowd):
    now = timezone.now()
    draft, going, stopped = (drafted(sam, now=now, states=["NY", "HI"]) for _ in range(3))
    say(draft, sam, "# Hola\n\nYa casi es el día.", language="es", now=now)
    release(going, rita, now=now), release(stopped, rita, now=now)
    rows = FollowUp.objects.filter(step=going.step)
    rows.filter(pk__in=rows.values("pk")[:903]).update(
        state="sent", sent_at=now - timedelta(minutes=2)
    )
    broadcasts.stop(broadcast=stopped, now=now)
    with arrive(width=width, color_scheme=scheme) as ritas:
        page = ritas.goto(LIST)
        log_in(page, rita)
        assert is_fine(ritas, "broadcasts")
        for name, path in (
            ("desk-broadcast-draft", f"{draft.pk}/change/"),
            ("desk-broadcast-going", f"{going.pk}/change/"),
            ("desk-broadcast-stopped", f"{stopped.pk}/change/"),
            ("desk-broadcast-new", "add/"),
        ):
            ritas.goto(LIST + path)
            assert is_fine(ritas, name)
        page.goto(f"{ritas.site}{LIST}{draft.pk}/change/")
        for summary in page.locator("summary").all():
            summary.click()
        assert is_fine(ritas, "broadcast-open")
