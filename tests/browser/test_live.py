"""The big screen: states, the latest partner, and a milestone that passes."""

import os
import re
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from partners import milestones, totals
from partners.models import Credit, Drive, Partner, ReferralLink
from tests.browser.conftest import Arrive
from tests.browser.looking import SIZES, is_fine

pytestmark = pytest.mark.browser

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
    drive: Drive, link: ReferralLink, state: str, number: int, at: datetime, minutes: int = 1
) -> None:
    Credit.objects.bulk_create(
        Credit(
            candidate_uuid=uuid4(),
            drive=drive,
            link=link,
            partner_id=link.partner_id,
            kind="signed_up",
            counts_as="signed_up",
            state=state,
            at=at - timedelta(minutes=one % minutes),
            recorded_at=at,
        )
        for one in range(number)
    )


@pytest.fixture
def busy(drive: Drive, links: list[ReferralLink]) -> Drive:
    """Hundreds have come in the last hour, from some states, through five partners."""
    now = timezone.now()
    drive.day_on = timezone.localdate(now - timedelta(hours=1), drive.zone)
    drive.last_day_on = timezone.localdate(now, drive.zone)
    drive.save()
    for number, (state, count) in enumerate(STATES.items()):
        come(drive, links[number % 5], state, count, now, minutes=60)
    come(drive, links[0], "MI", 1, now - timedelta(seconds=12))
    milestones.fold(now=now)
    totals.forget()
    return drive


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_states_and_the_latest_partner_stand_on_it(
    arrive: Arrive, busy: Drive, width: int, scheme: str
) -> None:
    with arrive(width, color_scheme=scheme) as board:
        page = board.goto("/live/")

        expect(page.locator("[data-tile=CA] [data-count]")).to_have_text("240")
        expect(page.locator("[data-tile=WY] [data-count]")).to_have_text("<5")
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
        drawn = "it => [...it.querySelectorAll('.tile')].map(tile => tile.outerHTML)"
        come(busy, links[4], "WY", 500, timezone.now())
        milestones.fold(now=timezone.now())
        totals.forget()

        expect(page.locator("[data-tile=WY].shade-4 [data-count]")).to_have_text("503")
        expect(page.locator("[data-latest-partner]")).to_have_text(PARTNERS[4])
        by_script = page.locator(".map").evaluate(drawn)
        page.reload()
        assert page.locator(".map").evaluate(drawn) == by_script


def test_a_milestone_passes_before_everyones_eyes(
    arrive: Arrive, busy: Drive, links: list[ReferralLink]
) -> None:
    """With FRAMES=folder the moment is filmed: a few pictures, for docs/screens."""
    busy.milestones.create(scope="day", target=1000)
    with arrive(reduced_motion="no-preference") as board:
        page = board.goto("/live/")
        film(page, "1-before")
        come(busy, links[2], "FL", 300, timezone.now())
        milestones.fold(now=timezone.now())
        totals.forget()

        page.locator(".moment-number").wait_for()
        for name, pause in (("2-fills", 60), ("3-marks", 500), ("4-whole", 1500)):
            page.wait_for_timeout(pause)
            film(page, name)
        expect(page.locator(".moment-number")).to_have_text("1,000")
        expect(page.locator(".moment-when")).to_have_text(re.compile("passed at .*M"))
        page.keyboard.press("Escape")
        film(page, "5-after")
        assert board.noticed == []


def test_who_wants_no_motion_sees_the_whole_moment_at_once(arrive: Arrive, busy: Drive) -> None:
    now = timezone.now()
    busy.milestones.filter(scope="day").update(reached_at=now, reached_value=2000)
    totals.forget()
    with arrive() as board:
        page = board.goto("/live/")
        page.locator(".moment-number").wait_for()

        moving = page.evaluate("document.getAnimations().length")

        assert moving == 0
        page.wait_for_timeout(16_000)
        expect(page.locator(".moment-number")).to_have_count(0)


def film(page: Page, name: str) -> None:
    if folder := os.environ.get("FRAMES"):
        page.screenshot(path=Path(folder) / f"live-moment-{name}-1280.png")
