"""Staff read a lead's mails and stop them, and look after all mail, in a real browser."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from candidates import pauses
from candidates.models import Candidate, FollowUp, Lane, MailEvent, MailPause
from partners.models import MailRoute, User
from tests import mails
from tests.browser.looking import SIZES, is_fine
from tests.browser.test_desk import LEADS, log_in, sam

__all__ = ["sam"]
pytestmark = pytest.mark.browser


@pytest.fixture
def ada(drive) -> Candidate:
    """Ada of Chicago has had her first mail, one that bounced, and one is due tomorrow."""
    at = timezone.now() - timedelta(hours=20)
    ada = Candidate.objects.create(
        first_name="Ada", last_name="Example", email="ada@example.org",
        email_canonical="ada@example.org", zip_code="60601", state="IL", office="council",
        timeline="next_year", language="en", signed_up_at=at, confirmed_at=at,
    )  # fmt: skip
    for place, kind in ((mails.CONFIRM, "delivered"), (mails.WELCOME, "soft_bounce")):
        mail = mails.with_words(mails.owe(ada, place, at=at))
        FollowUp.objects.filter(pk=mail.pk).update(state="sent", sent_at=at, text=mail.text)
        MailEvent.objects.create(
            followup=mail, provider="sink", event_id=kind, kind=kind, at=at, recorded_at=at
        )
    mails.owe(ada, mails.SHIPPED[4], at=at + timedelta(days=1))
    return ada


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_sam_reads_a_mail_as_it_was_sent_and_stops_the_rest(
    width, scheme, arrive, sam: User, ada
) -> None:
    with arrive(width=width, color_scheme=scheme, bypass_csp=True) as sams:
        page = sams.goto("/admin/")
        log_in(page)
        sams.goto(f"{LEADS}{ada.pk}/change/")
        assert is_fine(sams, "desk-mails-of-a-lead")
        page.get_by_role("link", name="Read it as it was sent").nth(1).click()
        expect(page.frame_locator("iframe").get_by_role("heading").first).to_be_visible()
        assert is_fine(sams, "desk-mail-as-sent")

        sams.goto(f"{LEADS}{ada.pk}/change/")
        page.get_by_role("link", name="Stop all e-mail").click()
        assert is_fine(sams, "desk-stop-mail")
        page.get_by_role("button", name="Stop all e-mail").click()
        expect(page.get_by_text("Nothing is sent to this person any more.")).to_be_visible()


def test_the_frame_of_a_mail_is_allowed_by_the_strict_policy(arrive, sam: User, ada) -> None:
    mail = mails.of(ada, mails.CONFIRM)
    with arrive() as sams:
        log_in(sams.goto("/admin/"))
        sams.goto(f"{LEADS}{ada.pk}/mail/{mail.pk}/")
        link = sams.page.frame_locator("iframe").locator("a").first
        expect(link).to_be_visible()
        assert link.get_attribute("href") is None
        assert link.evaluate("it => getComputedStyle(it).paddingLeft") != "0px"

    assert sams.noticed == []


@pytest.fixture
def busy(drive) -> None:
    """A day of mail: some each hour, a pause, a late mail, a domain that rests, a bounce."""
    now = timezone.now()
    for number in range(60):
        at = now - timedelta(hours=number % 23, minutes=number % 7)
        person = Candidate.objects.create(
            first_name="Bo", last_name=f"Number {number}", email=f"bo{number}@example.org",
            email_canonical=f"bo{number}@example.org", zip_code="60601", state="IL",
            office="council", timeline="next_year", language="en", signed_up_at=at,
        )  # fmt: skip
        mail = mails.owe(person, mails.SHIPPED[number % 5], at=at)
        state = ("failed", "suppressed", "due")[number // 5 % 3] if number % 5 == 0 else "sent"
        sent_at = at if state == "sent" else None
        FollowUp.objects.filter(pk=mail.pk).update(state=state, sent_at=sent_at)
        if number % 11 == 1:
            hear(mail, now)
    pauses.pause(lane=Lane.BULK, reason=MailPause.Reason.BOUNCES, now=now)
    MailRoute.objects.create(
        key="domain:a-provider-with-a-rather-long-name.example.org", refilled_at=now, failures=5,
        rests_until=now + timedelta(minutes=5),
    )  # fmt: skip


def hear(mail: FollowUp, at) -> None:
    MailEvent.objects.create(
        followup=mail, provider="sink", event_id=str(mail.pk), kind="hard_bounce", at=at,
        recorded_at=at, detail="550 5.1.1 no such mailbox",
    )  # fmt: skip


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_sam_sees_what_is_wrong_with_mail_and_lets_it_leave_again(
    width, scheme, arrive, sam: User, busy
) -> None:
    with arrive(width=width, color_scheme=scheme, bypass_csp=True) as sams:
        page = sams.goto("/admin/")
        log_in(page)
        expect(page.get_by_role("heading", name="Mail needs somebody")).to_be_visible()
        assert is_fine(sams, "desk-with-mail-trouble")
        page.get_by_role("link", name="Look at the mail board").click()
        expect(page.get_by_text("too many addresses bounce").first).to_be_visible()
        assert is_fine(sams, "desk-mail-board")
        outside = "its => its.filter(it => it.getBoundingClientRect().right > innerWidth).length"
        assert page.locator(".tick").evaluate_all(outside) == 0
        page.get_by_role("link", name="Hold it still").click()
        expect(page.get_by_role("columnheader", name="Suppressed")).to_be_visible()
        assert is_fine(sams, "desk-mail-board-table")
        page.get_by_role("link", name="Let it leave again").click()
        page.get_by_label("Reason").fill("We mended the list.")
        assert is_fine(sams, "desk-resume-mail")
        page.get_by_role("button", name="Let mail leave again").click()
        expect(page.get_by_text("Resumed: what came due meanwhile leaves now.")).to_be_visible()
        sams.goto("/admin/candidates/followup/")
        assert is_fine(sams, "desk-failed-mails")
