"""Staff let organisations and their managers in: read, approve, decline, invite."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from partners import applications, joining
from partners.models import Application, Invitation, Member, Partner, ReferralLink, User
from tests.browser.conftest import Arrive
from tests.browser.looking import SIZES, is_fine, tab_to

pytestmark = pytest.mark.browser
PASSWORD = "a-long-enough-secret"
APPLICATIONS = "/admin/partners/application/"
INVITATIONS = "/admin/partners/invitation/"
AGREED = "We ask people honestly to think about running, and promise nobody anything in return."


@pytest.fixture
def sam(drive: Any) -> User:
    return User.objects.create_superuser("sam@example.org", PASSWORD, full_name="Sam Staff")


@pytest.fixture
def waiting(drive: Any) -> list[Application]:
    """Two organisations; the longer name has waited longer."""
    names = ("The Invented League of Rather Long Partner Organisation Name", "Example Nurses")
    for name in names:
        applications.apply(
            answers=applications.Answers(
                organisation=name, contact_name="Nina New", contact_email="nina@example.org",
                website="https://www.nurses.example.org", expected_sign_ups=1200,
            ),
            agreed_wording=AGREED, language="en", now=timezone.now(),
        )  # fmt: skip
    return list(Application.objects.order_by("id"))


@pytest.fixture
def at_work(arrive: Arrive, sam: User) -> Any:
    @contextmanager
    def sitting(**options: Any) -> Iterator[Any]:
        with arrive(**options) as visitor:
            page = visitor.goto("/admin/")
            page.get_by_label("E-mail").fill("sam@example.org")
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Log in").click()
            page.get_by_role("heading", name="What needs doing").wait_for()
            yield visitor

    return sitting


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_applications_and_invitations_fit_and_anyone_can_read_them(
    at_work: Any, waiting: list[Application], link: ReferralLink, width: int, scheme: str
) -> None:
    joining.invite(
        partner=link.partner, email="nina@example.org", role=Member.Role.MANAGER, by=None,
        language="en", now=timezone.now(),
    )  # fmt: skip
    one = f"{APPLICATIONS}{waiting[0].pk}/"
    pages = {
        "desk-applications": APPLICATIONS,
        "desk-application": f"{one}change/",
        "desk-application-approve": f"{one}approve/",
        "desk-invitations": INVITATIONS,
        "desk-invite": f"{INVITATIONS}add/",
    }
    with at_work(width=width, color_scheme=scheme, bypass_csp=True) as visitor:
        for name, path in pages.items():
            visitor.goto(path)
            assert is_fine(visitor, name)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_sam_approves_one_and_declines_the_other(
    at_work: Any, waiting: list[Application], scripts: bool
) -> None:
    league, nurses = waiting
    with at_work(width=360, java_script_enabled=scripts) as visitor:
        page = visitor.goto(APPLICATIONS)
        page.get_by_role("link", name="Invented League").click()
        page.get_by_role("link", name="Approve…").click()
        page.get_by_role("button", name="Approve").click()
        expect(page.get_by_text("is a partner now")).to_be_visible()
        expect(page.get_by_role("link", name="Approve…")).to_have_count(0)

        page = visitor.goto(f"{APPLICATIONS}{nurses.pk}/change/")
        page.get_by_role("link", name="Decline…").click()
        page.get_by_role("button", name="Decline").click()
        expect(page.get_by_text("The letter to nina@example.org is on its way.")).to_be_visible()

    assert [it.name for it in Partner.objects.all()] == [league.organisation]
    assert Invitation.objects.get().email == "nina@example.org"


def test_sam_decides_with_the_keyboard_alone(at_work: Any, waiting: list[Application]) -> None:
    with at_work() as visitor:
        page: Page = visitor.goto(APPLICATIONS)
        tab_to(page, "Invented League", presses=120)
        page.keyboard.press("Enter")
        page.wait_for_url("**/change/**")
        tab_to(page, "Decline…", presses=120)
        page.keyboard.press("Enter")
        page.wait_for_url("**/decline/")
        tab_to(page, "Decline", presses=120)
        page.keyboard.press("Enter")
        expect(page.get_by_text("is on its way")).to_be_visible()

    assert Application.objects.exclude(decided_at=None).count() == 1


def test_sam_invites_a_manager_and_withdraws_without_scripts(
    at_work: Any, link: ReferralLink
) -> None:
    with at_work(width=360, java_script_enabled=False) as visitor:
        page = visitor.goto(f"{INVITATIONS}add/")
        page.get_by_label("Partner:").select_option(label=link.partner.name)
        page.get_by_label("E-mail:").fill("nina@example.org")
        page.get_by_label("Language:").select_option("es")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_text("nina@example.org").first).to_be_visible()
        page = visitor.goto(INVITATIONS)
        page.locator(".action-select").check()
        page.get_by_label("Action:").select_option("withdraw")
        page.get_by_role("button", name="Go").click()
        expect(page.get_by_text("1 invitation withdrawn.")).to_be_visible()

    assert Invitation.objects.get().withdrawn_at
