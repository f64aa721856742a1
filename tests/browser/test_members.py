"""A manager keeps her house: who belongs to it, who is invited, which letters come."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from partners import joining
from partners.models import Invitation, Member, ReferralLink, User
from tests.browser.conftest import Arrive
from tests.browser.looking import SIZES, is_fine, tab_to

pytestmark = pytest.mark.browser
PASSWORD = "a-long-enough-secret"
MEMBERS = "/partners/league/members/"


@pytest.fixture
def olga(link: ReferralLink) -> User:
    user = User.objects.create_user("olga@example.org", PASSWORD, full_name="Olga Organizer")
    Member.objects.create(user=user, partner=link.partner, role=Member.Role.MANAGER)
    return user


@pytest.fixture
def vera(link: ReferralLink) -> Member:
    """A viewer; her name and address are as long as they come."""
    user = User.objects.create_user(
        "veronica-maximiliana.van-der-example@a-rather-long-subdomain.example.org", PASSWORD,
        full_name="Veronica Maximiliana van der Example-Montgomery",
    )  # fmt: skip
    return Member.objects.create(user=user, partner=link.partner)


@pytest.fixture
def invited(link: ReferralLink) -> None:
    """One who can still come, and one whose letter is too old."""
    for email, days_ago in (("nina@example.org", 1), ("otto@example.org", 30)):
        joining.invite(
            partner=link.partner, email=email, role=Member.Role.VIEWER, by=None, language="en",
            now=timezone.now() - timedelta(days=days_ago),
        )  # fmt: skip


@pytest.fixture
def at_work(arrive: Arrive, olga: User) -> Any:
    """Return how somebody of the league, or Olga herself, logs in."""

    @contextmanager
    def sitting(email: str = "olga@example.org", **options: Any) -> Iterator[Any]:
        with arrive(**options) as visitor:
            page = visitor.goto("/log-in/")
            page.get_by_label("E-mail address").fill(email)
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Log in").click()
            page.wait_for_url("**/partners/league/")
            yield visitor

    return sitting


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_the_house_and_the_account_fit_and_anyone_can_read_them(
    at_work: Any, vera: Member, invited: None, width: int, scheme: str
) -> None:
    with at_work(width=width, color_scheme=scheme, bypass_csp=True) as olga:
        page = olga.goto(MEMBERS)
        assert is_fine(olga, "portal-members")
        page.get_by_text("Remove").first.click()
        page.get_by_label("E-mail").fill("vera")
        page.get_by_role("button", name="Send the invitation").click()
        expect(page.locator(".invalid-feedback")).to_be_visible()
        assert is_fine(olga, "portal-members-mend")
        page.get_by_label("E-mail").fill("new@example.org")
        page.get_by_role("button", name="Send the invitation").click()
        expect(page.get_by_role("status")).to_contain_text("is on its way")
        page.get_by_role("button", name="Make a viewer").click()
        expect(page.get_by_role("status")).to_contain_text("Make somebody else one first")
        assert is_fine(olga, "portal-members-told")
        page = olga.goto("/account/")
        assert is_fine(olga, "portal-account")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("status")).to_contain_text("Saved.")
        assert is_fine(olga, "portal-account-saved")


@pytest.mark.parametrize("width", [360, 1280])
def test_a_viewer_reads_who_belongs_and_has_no_buttons(
    at_work: Any, vera: Member, invited: None, width: int
) -> None:
    with at_work(vera.user.email, width=width, bypass_csp=True) as visitor:
        page = visitor.goto(MEMBERS)

        expect(page.get_by_text("A manager invites and removes members.")).to_be_visible()
        expect(page.locator("main").get_by_role("button")).to_have_count(0)
        assert is_fine(visitor, "portal-members-viewer")


def test_olga_invites_promotes_and_removes_without_scripts(at_work: Any, vera: Member) -> None:
    with at_work(width=360, java_script_enabled=False) as olga:
        page = olga.goto(MEMBERS)
        page.get_by_label("E-mail").fill("nina@example.org")
        page.get_by_role("button", name="Send the invitation").click()
        expect(
            page.get_by_text("The invitation to nina@example.org is on its way.")
        ).to_be_visible()
        page.get_by_role("button", name="nina@example.org").click()
        expect(page.get_by_text("Its link no longer works.")).to_be_visible()
        page.get_by_role("button", name="Make a manager").click()
        expect(
            page.get_by_role("button", name=re.compile("Make a viewer.*Veronica"))
        ).to_be_visible()
        assert Member.objects.get(pk=vera.pk).role == "manager"
        sure = page.locator("details", has_text="Veronica")
        sure.locator("summary").click()
        sure.get_by_role("button", name="Yes, remove").click()
        expect(page.get_by_text("Veronica")).to_have_count(0)

    assert [it.user.email for it in Member.objects.all()] == ["olga@example.org"]
    assert Invitation.objects.get().withdrawn_at


def test_olga_keeps_her_house_with_the_keyboard_alone(at_work: Any, vera: Member) -> None:
    with at_work() as olga:
        page = olga.goto(MEMBERS)
        tab_to(page, "Remove")
        tab_to(page, "Remove")
        page.keyboard.press("Enter")
        tab_to(page, "Yes, remove", presses=1)
        page.keyboard.press("Enter")
        expect(page.get_by_text("Veronica")).to_have_count(0)
        tab_to(page, "Your account")
        page.keyboard.press("Enter")
        page.wait_for_url("**/account/")
        tab_to(page, "Last week's numbers")
        page.keyboard.press("Space")
        tab_to(page, "Save")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_contain_text("Saved.")

    assert Member.objects.get().wants_digest is False
