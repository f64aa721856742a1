"""The doors of the portal: log in, a new password, an invitation, an organisation that applies."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import Page, expect

from partners import joining, keys, letters, passwords
from partners.models import Application, Invitation, Letter, Member, Partner, ReferralLink, User
from tests.browser.conftest import Arrive
from tests.browser.looking import SIZES, is_fine, tab_to

pytestmark = pytest.mark.browser
PASSWORD = "a-long-enough-secret"


@pytest.fixture
def olga(link: ReferralLink, settings: Any, live_server: Any) -> User:
    settings.BASE_URL = live_server.url
    user = User.objects.create_user("olga@example.org", PASSWORD, full_name="Olga Organizer")
    Member.objects.create(user=user, partner=link.partner, role=Member.Role.MANAGER)
    return user


@pytest.fixture
def invite(link: ReferralLink) -> Callable[[str], str]:
    """Return how somebody is invited to the league: by an address, to a path."""

    def invite(email: str) -> str:
        invitation = joining.invite(
            partner=link.partner, email=email, role=Member.Role.MANAGER, by=None,
            language="en", now=timezone.now(),
        )  # fmt: skip
        return f"/join/{keys.make(purpose='join', name=invitation.id)}/"

    return invite


def link_for(olga: User) -> str:
    """Have the letter mailed, and return the path that it leads to."""
    passwords.ask(email=olga.email, language="en", now=timezone.now())
    letters.sweep(clock=timezone.now)
    letter = next(it for it in reversed(mail.outbox) if it.subject.startswith("Choose"))
    words = str(letter.body).split()
    return next(it for it in words if "/new-password/" in it).split("/", 3)[3].join(("/", ""))


def answer(page: Page, **answers: str) -> None:
    for name, typed in answers.items():
        page.locator(f"[name={name}]").fill(typed)


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_every_door_fits_and_anyone_can_read_it(
    arrive: Arrive, olga: User, invite: Any, width: int, scheme: str
) -> None:
    User.objects.create_user("hal@example.org", PASSWORD, full_name="Hal Harbor")
    doors = {
        "portal-log-in": "/log-in/",
        "portal-password-ask": "/new-password/",
        "portal-password-sent": "/new-password/sent/",
        "portal-password-choose": link_for(olga),
        "portal-password-old": "/new-password/MQ/set-nothing/",
        "portal-password-done": "/new-password/done/",
        "portal-join": invite("nina@example.org"),
        "portal-join-log-in": invite("hal@example.org"),
        "portal-join-gone": "/join/nothing/",
        "portal-apply": "/partner-with-us/",
        "portal-apply-thanks": "/partner-with-us/thanks/",
    }
    with arrive(width, color_scheme=scheme, bypass_csp=True) as visitor:
        for name, path in doors.items():
            visitor.goto(path)
            assert is_fine(visitor, name)


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1280, "dark")])
@pytest.mark.parametrize("language", ["", "/es"])
def test_what_is_to_be_mended_stands_beside_the_field(
    arrive: Arrive, olga: User, invite: Any, width: int, scheme: str, language: str
) -> None:
    doors = {
        "log-in": ("/log-in/", {"username": "olga@example.org", "password": "wrong"}),
        "password-ask": ("/new-password/", {"email": "olga"}),
        "password-choose": (link_for(olga), {"new_password1": "short", "new_password2": "shirt"}),
        "join": (invite("nina@example.org"), {"password1": "short", "password2": "short"}),
        "apply": ("/partner-with-us/", {"contact_email": "nina", "expected_sign_ups": "0"}),
    }
    with arrive(width, color_scheme=scheme, bypass_csp=True) as visitor:
        for name, (path, typed) in doors.items():
            page = visitor.goto(language + path)
            answer(page, **typed)
            page.locator("main form button[type=submit]").click()

            expect(page.locator(".invalid-feedback, .alert-danger").first).to_be_visible()
            assert is_fine(visitor, f"portal-{name}-mend{language.replace('/', '-')}")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_nina_accepts_an_invitation_and_is_in(
    arrive: Arrive, link: ReferralLink, invite: Any, scripts: bool
) -> None:
    with arrive(360, java_script_enabled=scripts) as nina:
        page = nina.goto(invite("nina@example.org"))
        answer(page, full_name="Nina New", password1=PASSWORD, password2=PASSWORD)
        page.get_by_role("button", name="Join").click()
        page.wait_for_url("**/partners/league/")

        expect(page.get_by_role("link", name="Members")).to_be_visible()
    member = Member.objects.get(user__email="nina@example.org")
    assert (member.partner, member.role) == (link.partner, "manager")


def test_whoever_has_an_account_logs_in_and_comes_back_to_the_button(
    arrive: Arrive, link: ReferralLink, invite: Any
) -> None:
    User.objects.create_user("hal@example.org", PASSWORD, full_name="Hal Harbor")
    with arrive(360, bypass_csp=True) as hal:
        page = hal.goto(invite("hal@example.org"))
        page.locator("main").get_by_role("link", name="Log in").click()
        answer(page, username="hal@example.org", password=PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url("**/join/**")
        assert is_fine(hal, "portal-join-accept")
        assert not Member.objects.exists()
        page.get_by_role("button", name="Join").click()
        page.wait_for_url("**/partners/league/")

    assert Member.objects.get().user.email == "hal@example.org"


def test_whoever_is_logged_in_as_somebody_else_is_told_and_can_log_out(
    arrive: Arrive, olga: User, invite: Any
) -> None:
    path = invite("nina@example.org")
    User.objects.create_user("nina@example.org", PASSWORD, full_name="Nina New")
    with arrive(360, bypass_csp=True) as visitor:
        page = visitor.goto("/log-in/")
        answer(page, username="olga@example.org", password=PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url("**/partners/league/")
        page = visitor.goto(path)

        expect(page.get_by_text("You are logged in as olga@example.org")).to_be_visible()
        assert is_fine(visitor, "portal-join-other")
        page.locator("main").get_by_role("button", name="Log out").click()
        expect(page.get_by_role("button", name="Log in")).to_be_visible()
    assert Invitation.objects.get().accepted_at is None


def test_olga_chooses_a_new_password_with_the_keyboard_alone(arrive: Arrive, olga: User) -> None:
    with arrive(java_script_enabled=True) as visitor:
        page = visitor.goto(link_for(olga))
        tab_to(page, "New password")
        page.keyboard.type("quite-another-secret")
        tab_to(page, "once more")
        page.keyboard.type("quite-another-secret")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Your new password is saved")
        tab_to(page, "Log in")
        page.keyboard.press("Enter")
        expect(page.get_by_label("E-mail address")).to_be_focused()
        page.keyboard.type("olga@example.org")
        tab_to(page, "Password")
        page.keyboard.type("quite-another-secret")
        page.keyboard.press("Enter")

        page.wait_for_url("**/partners/league/")


def test_a_letter_for_a_new_password_is_asked_for_without_scripts(
    arrive: Arrive, olga: User
) -> None:
    with arrive(360, java_script_enabled=False) as visitor:
        page = visitor.goto("/log-in/")
        page.get_by_role("link", name="I forgot my password").click()
        answer(page, email="olga@example.org")
        page.get_by_role("button", name="Mail me the link").click()

        expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mail")


def test_an_organisation_applies_with_the_keyboard_alone(arrive: Arrive, drive: Any) -> None:
    with arrive(java_script_enabled=False) as visitor:
        page = visitor.goto("/partner-with-us/")
        for field, typed in {
            "Organisation": "Example Nurses",
            "Your name": "Nina New",
            "Your e-mail at work": "nina@example.org",
            "Website": "nurses.example.org",
            "How many people": "50",
        }.items():
            tab_to(page, field)
            page.keyboard.type(typed)
        tab_to(page, "We ask people")
        page.keyboard.press("Space")
        tab_to(page, "Send")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Thank you. We read it.")

    application = Application.objects.get()
    assert (application.organisation, application.expected_sign_ups) == ("Example Nurses", 50)
    assert not Partner.objects.exists()
    assert not Letter.objects.exists()
