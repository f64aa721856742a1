"""A site that really listens, with somebody who folds and sends behind it."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connection
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from candidates.audit import check, corrections, ledger, mails, people, targets
from candidates.audit.check import Check
from partners import letters, milestones, visits
from partners.models import Drive
from tests.mails import send_due

Audit = Callable[[], dict[str, Check]]


@pytest.fixture
def outbox(settings: LazySettings, tmp_path: Path) -> Path:
    """Mail lands in a folder of this test, as it does in the demo."""
    settings.EMAIL_BACKEND = "candidates.outbox.EmailBackend"
    settings.OUTBOX_DIR = tmp_path / "outbox"
    settings.IS_DEMO = True
    return settings.OUTBOX_DIR


@pytest.fixture
def every_day(transactional_db: None) -> Drive:
    """The drive that a migration opens; a test that commits empties the tables."""
    opened = {"name": "Every day", "day_on": "2017-11-14", "opens_at": "2017-01-01T00:00:00Z"}
    return Drive.objects.get_or_create(slug="every-day", defaults=opened)[0]


def sweep() -> None:
    """What the worker does, once."""
    milestones.fold(now=timezone.now())
    visits.fold()
    send_due(clock=timezone.now)
    milestones.announce(now=timezone.now())
    letters.sweep(clock=timezone.now)


@pytest.fixture
def worker(outbox: Path, every_day: Drive) -> Iterator[None]:
    """The worker's sweeps on a thread of their own, until the test is over."""
    over = threading.Event()

    def work() -> None:
        while not over.wait(0.1):
            sweep()
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    yield
    over.set()
    thread.join()


@pytest.fixture
def site(live_server: LiveServer, settings: LazySettings) -> str:
    settings.BASE_URL = live_server.url
    return live_server.url


@pytest.fixture
def audit(outbox: Path) -> Audit:
    """What is always true, by the name of the claim."""

    def audit() -> dict[str, Check]:
        now = timezone.now()
        checks = [*people.always(), *ledger.always(), *corrections.always(), *targets.always()]
        checks += mails.always(arrived=mails.read(folder=outbox), now=now)
        return {it.name: it for it in checks}

    return audit


def off(checks: dict[str, Check]) -> set[str]:
    return {name for name, it in checks.items() if not it.is_ok}


__all__ = ["check", "off", "sweep"]
