"""Files are made in the end, whoever dies on the way: a worker killed, a lease run out."""

import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from candidates import exporting
from candidates.models import LeadExport
from partners import exports
from partners.exports import working
from partners.models import Drive, Partner, User
from tests.sharing import NOON, sharing_with

CHECKOUT = Path(__file__).resolve().parents[2]
WORKER = """
import os, django
django.setup()
from django.conf import settings
from django.db import connection
connection.settings_dict["NAME"] = os.environ["TEST_DATABASE"]
from django.utils import timezone
from candidates import exporting
from candidates.models import LeadExport
from partners import exports
exporting.STEP = 20
exports.work(model=LeadExport, make=exporting.make, clock=timezone.now)
"""


@pytest.fixture
def owed(transactional_db: None) -> LeadExport:
    """A file of four thousand leads, asked for and not begun."""
    Drive.objects.create(name="Drive", slug="drive", day_on=NOON.date(), opens_at=NOON)
    river = Partner.objects.create(name="River Valley Organizers", slug="river-valley")
    olga = User.objects.create_user("olga@example.org", full_name="Olga Organizer")
    sharing_with(river, *(f"P{number}" for number in range(4000)))
    return exports.ask(
        model=LeadExport, partner=river, author=olga, language="en", now=timezone.now()
    )


def claim(after: timedelta = timedelta()) -> LeadExport | None:
    return exports.claim(model=LeadExport, now=timezone.now() + after)


def begin(owed: LeadExport) -> subprocess.Popen[bytes]:
    """Start a worker, and return it when it is in the middle of the file."""
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER],
        cwd=CHECKOUT,
        env=os.environ
        | {
            "TEST_DATABASE": connection.settings_dict["NAME"],
            "DJANGO_SETTINGS_MODULE": "recruit.settings",
        },
    )
    until = time.monotonic() + 30
    while time.monotonic() < until and worker.poll() is None:
        owed.refresh_from_db(fields=["done", "finished_at"])
        if owed.done:
            return worker
        time.sleep(0.005)
    worker.kill()
    raise AssertionError("the worker did not begin")


def test_a_file_whose_worker_is_killed_is_made_by_the_next(owed):
    worker = begin(owed)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    owed.refresh_from_db()
    assert owed.finished_at is None
    assert claim() is None, "its lease is still running"

    LeadExport.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    exports.work(model=LeadExport, make=exporting.make, clock=timezone.now)

    owed.refresh_from_db()
    assert (owed.attempts, owed.done, owed.total) == (2, 4000, 4000)
    rows = list(exports.lines(bytes(owed.content)))
    assert len(rows) == len(set(rows)) == 4001


def test_whoever_lost_the_claim_writes_nothing_more(owed):
    slow = claim()
    quick = claim(after=working.LEASE * 2)
    exports.finish(export=quick, content=b"quick", now=timezone.now())

    for write in (
        lambda: exports.advance(export=slow, done=1, total=2, now=timezone.now()),
        lambda: exports.finish(export=slow, content=b"slow", now=timezone.now()),
    ):
        with pytest.raises(exports.LostClaim):
            write()

    owed.refresh_from_db()
    assert bytes(owed.content) == b"quick"


def test_two_workers_at_the_same_moment_take_two_different_files(owed):
    held = f"SELECT id FROM candidates_leadexport WHERE id = '{owed.pk}' FOR UPDATE"
    ben = User.objects.create_user("ben@example.org")
    second = exports.ask(
        model=LeadExport, partner=owed.partner, author=ben, language="en", now=timezone.now()
    )
    with closing(connection.copy()) as other, transaction.atomic(using="default"):
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute(held)

        claimed = claim()

        other.rollback()
    assert claimed is not None
    assert claimed.pk == second.pk


def test_only_so_many_are_made_at_once(owed):
    for number in range(working.AT_ONCE):
        author = User.objects.create_user(f"m{number}@example.org")
        exports.ask(
            model=LeadExport, partner=owed.partner, author=author, language="en", now=timezone.now()
        )

    taken = [claim() for _time in range(working.AT_ONCE + 1)]

    assert [it is not None for it in taken] == [True] * working.AT_ONCE + [False]


def test_a_file_that_fails_again_and_again_is_given_up_and_says_so(owed, client):
    def breaks(_export, _clock):
        raise ZeroDivisionError

    for _attempt in range(working.MOST_ATTEMPTS):
        with pytest.raises(ZeroDivisionError):
            exports.work(model=LeadExport, make=breaks, clock=timezone.now)
        LeadExport.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    exports.work(model=LeadExport, make=exporting.make, clock=timezone.now)

    owed.refresh_from_db()
    assert owed.given_up_at is not None
    assert owed.attempts == working.MOST_ATTEMPTS
    client.force_login(User.objects.create_superuser("staff@example.org", "a-long-password"))
    assert "could not be made" in client.get("/partners/river-valley/exports/").content.decode()


def test_long_files_do_not_stand_in_the_way_of_tallies_or_mail():
    queues = {it["queue"] for name, it in settings.CELERY_TASK_ROUTES.items() if "file" in name}

    assert queues == {"files"}
