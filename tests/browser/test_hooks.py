"""An organiser and her webhooks: on a phone and a desk, in the dark, and in Spanish."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from partners import hooks
from partners.models import Delivery, Endpoint, Member, ReferralLink, User
from partners.models.attempts import Attempt, Outcome, Place
from partners.models.hooks import Event
from tests.browser.looking import SIZES, arrived, complaints, fits, is_fine, keep

pytestmark = pytest.mark.browser
PASSWORD = "a-long-enough-secret"
PAGE = "/partners/league/webhooks/"


@pytest.fixture
def olga(link: ReferralLink, drive) -> User:
    user = User.objects.create_user("olga@example.org", PASSWORD, full_name="Olga Organizer")
    Member.objects.create(user=user, partner=link.partner, role=Member.Role.MANAGER)
    return user


@pytest.fixture
def endpoints(link: ReferralLink, olga: User) -> list[Endpoint]:
    """One that works, with its log, one that fails, one that was switched off, and a chat."""
    now = timezone.now()
    facts = {"partner": link.partner, "author": olga, "language": "en", "now": now}
    signed, chat = Endpoint.Dialect.SIGNED, Endpoint.Dialect.CHAT
    hosts = ("hooks.example.org", "a-rather-long-name-of-a-server.hooks.example.org", "old.example")
    made = [
        hooks.make(address=f"https://{it}/rfs-in", dialect=signed, kinds=list(Event), **facts)
        for it in hosts
    ]
    made.append(hooks.make(address="https://chat.example/T/BXYZ", dialect=chat, kinds=[], **facts))
    rests = now + timedelta(hours=2)
    Endpoint.objects.filter(pk=made[1].pk).update(failures=9, failing_since=now, rests_until=rests)
    Endpoint.objects.filter(pk=made[2].pk).update(switched_off_at=now, off_because="failing")
    states = [
        ("lead.created", "delivered", "accepted", 200),
        ("lead.confirmed", "due", "too_slow", None),
        ("stage.changed", "failed", "redirect", 307),
        ("consent.withdrawn", "due", "", None),
        ("milestone.reached", "dropped", "", None),
    ]
    Delivery.objects.bulk_create(
        [
            Delivery(
                endpoint=made[0], source=kind, kind=kind, state=state, outcome=outcome,
                status_code=code, happened_at=now, planned_at=now - timedelta(seconds=number),
                due_at=now + timedelta(minutes=5), attempts=3 if outcome else 0, milliseconds=1234,
                history=history(now, outcome) if outcome else [],
            )
            for number, (kind, state, outcome, code) in enumerate(states)
        ]
    )  # fmt: skip
    return made


def history(now: datetime, outcome: str) -> list[dict[str, Any]]:
    """Three attempts, of which the last ended like this."""
    earlier = timedelta(minutes=3)
    refused = Attempt(now - 2 * earlier, Outcome.REFUSED, 12, None, Place.PRIVATE)
    busy = Attempt(now - earlier, Outcome.STATUS, 1_204, 503)
    status = 200 if outcome == Outcome.ACCEPTED else None
    last = Attempt(now, Outcome(outcome), 1_234, status)
    return [it.kept() for it in (refused, busy, last)]


def log_in(visitor) -> None:
    page = visitor.goto("/log-in/")
    page.get_by_label("E-mail address").fill("olga@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/partners/league/")


def unfold(page) -> None:
    """Show each attempt of the newest delivery."""
    if page.locator(".hook-tried summary").count():
        page.locator(".hook-tried summary").first.click()


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_all_pages_fit_the_screen_and_anyone_can_read_them(arrive, endpoints, width, scheme):
    with arrive(width=width, color_scheme=scheme) as olga:
        log_in(olga)
        for name, path in {
            "hooks": PAGE,
            "hooks-log": f"{PAGE}{endpoints[0].pk}/",
            "hooks-failing": f"{PAGE}{endpoints[1].pk}/",
            "hooks-off": f"{PAGE}{endpoints[2].pk}/",
            "hooks-new": f"{PAGE}new/",
        }.items():
            unfold(olga.goto(path))
            assert is_fine(olga, name)
            unfold(olga.goto(f"/es{path}"))
            assert is_fine(olga, f"{name}-es")


def test_she_adds_one_keeps_its_secret_and_sends_a_test(arrive, olga):
    with arrive(width=360) as visitor:
        log_in(visitor)
        page = visitor.goto(f"{PAGE}new/")
        page.get_by_label("Address", exact=True).fill("https://10.0.0.1/")
        page.get_by_role("button", name="Add it").click()
        page.locator("#id_address_error").wait_for()
        page.get_by_label("Address", exact=True).fill("https://hooks.example.org/rfs")
        page.get_by_role("button", name="Add it").click()
        secret = page.get_by_label("Secret for").input_value()
        assert is_fine(visitor, "hooks-secret")
        page.get_by_role("link", name="I have kept it").click()
        page.get_by_role("button", name="Send a test").click()
        page.get_by_text("A test is on its way").wait_for()
        assert is_fine(visitor, "hooks-tested")

    endpoint = Endpoint.objects.get()
    assert secret == hooks.secret(endpoint=endpoint)
    assert endpoint.deliveries.get().kind == "ping"


def is_fine_at_the_desk(visitor, name: str) -> bool:
    """As `is_fine`; but axe unfolds an @import of Django's own, which the policy refuses to it."""
    arrived(visitor.page)
    assert visitor.noticed == [], name
    keep(visitor.page, name)
    assert fits(visitor.page), name
    assert complaints(visitor.page) == [], name
    visitor.noticed.clear()
    return True


def test_staff_see_all_and_add_their_own(arrive, endpoints):
    User.objects.create_superuser("sam@example.org", PASSWORD, full_name="Sam Staff")
    for width in (360, 1280):
        with arrive(width=width) as sam:
            page = sam.goto("/admin/login/")
            page.get_by_label("E-mail").fill("sam@example.org")
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Log in").click()
            page.wait_for_url("**/admin/")
            for name, path in {
                "desk-hooks": "",
                "desk-hook": f"{endpoints[0].pk}/change/",
                "desk-hook-new": "add/",
            }.items():
                sam.goto(f"/admin/partners/endpoint/{path}")
                assert is_fine_at_the_desk(sam, name)
            sam.goto("/admin/partners/delivery/")
            assert is_fine_at_the_desk(sam, "desk-deliveries")
            tried = Delivery.objects.get(kind="lead.created")
            sam.goto(f"/admin/partners/delivery/{tried.pk}/change/")
            assert is_fine_at_the_desk(sam, "desk-delivery")
            page = sam.goto("/admin/partners/endpoint/add/")
            page.get_by_label("Address", exact=False).first.fill("https://staff.example.org/rfs")
            page.get_by_role("button", name="Add it").click()
            page.get_by_label("Secret for").wait_for()
            assert is_fine_at_the_desk(sam, "desk-hook-secret")
