"""A real Chromium in front of the real site, and what it noticed on the way."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page

from candidates.views import home, sheet
from partners import archive, courses, drives, embedding, links, ranking, totals
from partners.models import Drive, Partner, ReferralLink

WATCH_SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


# Answers of 4xx are asked for on purpose; Playwright's own script may not enter a mail's frame.
OF_OUR_OWN = ("status of 4", "the 'allow-scripts' permission is not set")


@dataclass
class Visitor:
    """A page, and what its browser noticed: refused scripts and styles, errors, other hosts."""

    page: Page
    site: str
    noticed: list[str] = field(default_factory=list)

    def goto(self, path: str) -> Page:
        self.page.goto(self.site + path)
        return self.page

    def watch(self) -> None:
        self.page.on("pageerror", lambda error: self.noticed.append(str(error)))
        self.page.on("console", self._hear)
        self.page.on("request", self._see)

    def _hear(self, message: Any) -> None:
        is_ours = any(it in message.text for it in OF_OUR_OWN)
        if message.type in ("error", "warning") and not is_ours:
            self.noticed.append(message.text)

    def _see(self, request: Any) -> None:
        host = urlsplit(request.url).netloc
        if host and host != urlsplit(self.site).netloc:
            self.noticed.append(f"asked {request.url}")


@pytest.fixture
def drive(transactional_db: None) -> Iterator[Drive]:
    """The day is today, 12,950 had raised their hands before it; nothing is remembered."""
    now = timezone.now()
    drive = Drive.objects.create(
        name="National Run for Office Day",
        slug="the-day",
        day_on=timezone.localdate(now, Drive(time_zone="America/New_York").zone),
        opens_at=now - timedelta(days=1),
        baseline=12950,
    )
    drive.milestones.create(scope="day", target=2000)
    drive.milestones.create(scope="cumulative", target=15000)
    forget()
    yield drive
    forget()


def forget() -> None:
    for module in (archive, courses, drives, embedding, links, ranking, totals):
        module.forget()
    home._pages.forget()
    sheet.blank.cache_clear()


@pytest.fixture
def link(drive: Drive) -> ReferralLink:
    """A partner's link; its name has the 60 characters that break layouts."""
    name = "The Invented League of Rather Long Partner Organisation Name"
    partner = Partner.objects.create(name=name, slug="league")
    return ReferralLink.objects.create(partner=partner, code="league", label="Bio")


Arrive = Callable[..., Any]


@pytest.fixture
def arrive(chromium: Browser, live_server: Any, drive: Drive) -> Arrive:
    """Return how somebody arrives: with arrive(width=360) as ada: ada.goto("/")."""

    @contextmanager
    def arriving(width: int = 1280, height: int = 740, **options: Any) -> Iterator[Visitor]:
        size = {"width": width, "height": height}
        options = {"reduced_motion": "reduce"} | options
        with chromium.new_context(viewport=size, **options) as context:
            context.add_init_script(WATCH_SHIFTS)
            context.set_default_timeout(10_000)
            visitor = Visitor(context.new_page(), live_server.url)
            visitor.watch()
            yield visitor

    return arriving
