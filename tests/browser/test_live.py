"""The big screen: states, the latest partner, and a milestone that passes."""

import re
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import uuid4

import pytest
from django.utils import timezone
from playwright.sync_api import Route, expect

from partners import milestones, totals
from partners.models import Credit, Drive, Partner, ReferralLink
from tests.browser.conftest import Arrive
from tests.browser.looking import SIZES, is_fine, keep

pytestmark = pytest.mark.browser

EVENING, HOUR = 20, timedelta(hours=1)
STATES = {"CA": 240, "TX": 180, "NY": 150, "OH": 90, "GA": 60, "WY": 3, "PR": 12, "VI": 2, "ME": 7}
PARTNERS = ("Teachers United (invented)", "Sample Nurses", "Pretend Parents", "Model Moms", "Muse")


@pytest.fixture
def links(drive: Drive) -> list[ReferralLink]:
    made = []
    for number, name in enumerate(PARTNERS):
        partner = Partner.objects.create(name=name, slug=f"partner-{number}")
        made.append(ReferralLink.objects.create(partner=partner, code=f"p{number}", label="Bio"))
    return made


def come(
    drive: Drive, link: ReferralLink | None, state: str, number: int, at: datetime, minutes: int = 1
) -> None:
    Credit.objects.bulk_create(
        Credit(
            candidate_uuid=uuid4(),
            drive=drive,
            link=link,
            partner_id=link and link.partner_id,
            kind="signed_up",
            counts_as="signed_up",
            state=state,
            at=at - timedelta(minutes=one % minutes),
            recorded_at=at,
        )
        for one in range(number)
    )


def evening(now: datetime) -> str:
    """Return a zone in which it is between eight and nine in the evening."""
    ahead = (EVENING - now.astimezone(UTC).hour + 11) % 24 - 11
    return f"Etc/GMT{-ahead:+d}"


def since_morning(drive: Drive, now: datetime) -> None:
    """Bring 1,220 by themselves: some at any time, most at noon and after work."""
    begins, dice = drive.span[0], Random(2017)
    hours = [dice.gauss(12.3, 1.6) for _ in range(550)] + [dice.gauss(18, 0.9) for _ in range(550)]
    hours += [dice.uniform(6, 19) for _ in range(120)]
    for hour in hours:
        at = begins + timedelta(hours=hour)
        come(drive, None, "", 1, at if at < now - HOUR else at - 2 * HOUR)


@pytest.fixture
def busy(drive: Drive, links: list[ReferralLink]) -> Drive:
    """An evening: hundreds came in the last hour, from some states, through five partners."""
    now = timezone.now()
    drive.time_zone = evening(now)
    drive.day_on = timezone.localdate(now, drive.zone)
    drive.save()
    since_morning(drive, now)
    for number, (state, count) in enumerate(STATES.items()):
        come(drive, links[number % 5], state, count, now, minutes=60)
    come(drive, links[0], "MI", 1, now - timedelta(seconds=12))
    noon = drive.span[0] + timedelta(hours=12)
    for target, hour in ((500, 1), (1000, 7)):
        drive.milestones.create(
            scope="day", target=target, reached_at=noon + hour * HOUR, reached_value=target
        )
    milestones.fold(now=now)
    totals.forget()
    return drive


SCREENS = [(1280, 720), (1920, 1080), (3840, 2160)]


@pytest.mark.parametrize(("width", "height"), SCREENS)
def test_all_of_it_is_on_a_television(arrive: Arrive, busy: Drive, width: int, height: int) -> None:
    with arrive(width, height) as board:
        page = board.goto("/live/")
        page.locator("[data-mark]:visible").first.wait_for()

        assert is_fine(board, "live-television")
        assert page.evaluate("document.documentElement.scrollHeight") == height


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_states_and_the_latest_partner_stand_on_it(
    arrive: Arrive, busy: Drive, width: int, scheme: str
) -> None:
    with arrive(width, color_scheme=scheme) as board:
        page = board.goto("/live/")

        expect(page.locator("[data-tile=CA] [data-count]")).to_have_text("240")
        expect(page.locator("[data-tile=WY] [data-count]")).to_have_text("")
        expect(page.locator("[data-state=WY]")).to_have_text("under 5")
        expect(page.locator("[data-latest-partner]")).to_have_text(PARTNERS[0])
        expect(page.locator("[data-latest-ago]")).to_have_text(re.compile("seconds? ago"))
        assert is_fine(board, "live-states")


def test_they_are_there_without_scripts(arrive: Arrive, busy: Drive) -> None:
    with arrive(java_script_enabled=False) as board:
        page = board.goto("/live/")

        expect(page.locator("[data-tile=CA].shade-4 [data-count]")).to_have_text("240")
        expect(page.locator("[data-latest]")).to_contain_text(f"Latest through {PARTNERS[0]}, ")


def test_they_follow_without_a_reload_and_look_as_the_server_draws_them(
    arrive: Arrive, busy: Drive, links: list[ReferralLink]
) -> None:
    with arrive() as board:
        page = board.goto("/live/")
        of_day = ".course path, .course [data-most-in], [data-hour-rows] tr"
        drawn = f"it => [...it.querySelectorAll('.tile, {of_day}')].map(part => part.outerHTML)"
        come(busy, links[4], "WY", 500, timezone.now())
        milestones.fold(now=timezone.now())
        totals.forget()

        expect(page.locator("[data-tile=WY].shade-4 [data-count]")).to_have_text("500")
        expect(page.locator("[data-latest-partner]")).to_have_text(PARTNERS[4])
        by_script = page.locator(".board").evaluate(drawn)
        with arrive(java_script_enabled=False) as other:
            by_server = other.goto("/live/").locator(".board").evaluate(drawn)
        assert by_script == by_server


def test_a_page_that_its_day_outlived_is_loaded_once_and_not_in_a_circle(
    arrive: Arrive, busy: Drive
) -> None:
    """As at midnight, while a front cache still gives the page of before it."""
    loads, asked = [], []

    def of_tomorrow(route: Route) -> None:
        asked.append(route.request.url)
        told = route.fetch().json()
        route.fulfill(json=told | {"day": "2030-01-01"})

    with arrive() as board:
        board.page.add_init_script("Math.random = () => 0")
        board.page.on("load", lambda page: loads.append(page.url))
        board.page.route("**/totals.json", of_tomorrow)
        board.goto("/live/")
        while len(asked) < 4:
            board.page.wait_for_event("requestfinished")

        assert len(loads) == 2


def test_a_milestone_passes_before_everyones_eyes(
    arrive: Arrive, busy: Drive, links: list[ReferralLink]
) -> None:
    """With SHOTS=folder the moment is filmed: a few pictures."""
    with arrive(reduced_motion="no-preference") as board:
        page = board.goto("/live/")
        keep(page, "live-moment-1-before", full_page=False)
        come(busy, links[2], "FL", 60, timezone.now())
        milestones.fold(now=timezone.now())
        totals.forget()

        page.locator(".moment-number").wait_for()
        for name, pause in (
            ("live-moment-2-fills", 60),
            ("live-moment-3-marks", 500),
            ("live-moment-4-whole", 1500),
        ):
            page.wait_for_timeout(pause)
            keep(page, name, full_page=False)
        expect(page.locator(".moment-number")).to_have_text("2,000")
        expect(page.locator(".moment-when")).to_have_text(re.compile("passed at .*M"))
        page.keyboard.press("Escape")
        expect(page.locator("[data-mark='day 2000'] rect")).to_be_visible()
        keep(page, "live-moment-5-after", full_page=False)
        assert board.noticed == []


def test_who_wants_no_motion_sees_the_whole_moment_at_once(arrive: Arrive, busy: Drive) -> None:
    now = timezone.now()
    busy.milestones.filter(scope="day", target=2000).update(reached_at=now, reached_value=2000)
    totals.forget()
    with arrive() as board:
        page = board.goto("/live/")
        page.locator(".moment-number").wait_for()

        moving = page.evaluate("document.getAnimations().length")

        assert moving == 0
        keep(page, "live-moment-6-without-motion", full_page=False)
        page.wait_for_timeout(16_000)
        expect(page.locator(".moment-number")).to_have_count(0)
