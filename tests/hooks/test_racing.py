"""Workers that are killed, and workers that race for the same delivery."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from candidates import hooks as lead_hooks
from partners import hooks
from partners.hooks import claiming
from partners.models import Delivery, Endpoint, Partner
from tests.hooks.conftest import answer, sweep

CHECKOUT = Path(__file__).resolve().parents[2]
WORKER = """
import os, django
django.setup()
from django.conf import settings
from django.db import connection
connection.settings_dict["NAME"] = os.environ["TEST_DATABASE"]
settings.HOOKS_TO_LOOPBACK = True
from django.utils import timezone
from candidates import hooks
hooks.sweep(clock=timezone.now)
"""


def begin() -> subprocess.Popen[bytes]:
    mine = {
        "TEST_DATABASE": connection.settings_dict["NAME"],
        "DJANGO_SETTINGS_MODULE": "recruit.settings",
    }
    return subprocess.Popen([sys.executable, "-c", WORKER], cwd=CHECKOUT, env=os.environ | mine)


def test_killed_between_sending_and_recording_it_comes_again_under_the_same_id(
    transactional_db, receiver, make, partner
):
    ping = hooks.ping(endpoint=make(partner), now=timezone.now())
    took, release = threading.Event(), threading.Event()

    def behave(handler) -> None:
        took.set()
        release.wait(20)

    receiver.behave = behave
    worker = begin()
    assert took.wait(30)

    worker.send_signal(signal.SIGKILL)
    worker.wait()
    release.set()
    receiver.behave = answer(200)

    assert sweep() == 0  # its lease has not run out
    assert sweep(after=timedelta(seconds=31)) == 1
    first, second = receiver.heard
    assert first.said["id"] == second.said["id"] == str(ping.pk)
    ping.refresh_from_db()
    assert (ping.state, ping.attempts) == ("delivered", 2)


def test_many_workers_send_each_delivery_once_and_few_at_a_time(
    transactional_db, receiver, make, partner
):
    endpoints = [make(partner) for _it in range(3)]
    for endpoint in endpoints:
        for _it in range(10):
            hooks.ping(endpoint=endpoint, now=timezone.now())

    def behave(handler) -> None:
        time.sleep(0.01)
        answer(200)(handler)

    receiver.behave = behave
    until = time.monotonic() + 60
    while Delivery.objects.filter(state="due").exists() and time.monotonic() < until:
        workers = [begin_thread() for _it in range(4)]
        for it in workers:
            it.join()

    times = Counter(it.said["id"] for it in receiver.heard)
    assert len(times) == 30
    assert set(times.values()) == {1}
    assert receiver.most_inside <= 4


def test_an_endpoint_has_two_under_way_and_one_while_it_fails(
    db, receiver, make, partner, monkeypatch
):
    monkeypatch.setattr(claiming, "HANDFUL", 1)
    endpoint, now = make(partner), timezone.now()
    for _it in range(4):
        hooks.ping(endpoint=endpoint, now=now)

    def claimed(*, after: timedelta = timedelta()) -> int:
        return sum(bool(claiming.claim(now=now + after)) for _it in range(4))

    assert claimed() == 2
    Endpoint.objects.update(failures=1)
    assert claimed(after=timedelta(minutes=1)) == 1


def test_who_finds_an_endpoint_being_claimed_waits_for_nobody(
    transactional_db, receiver, make, partner
):
    first, second = make(partner), make()
    theirs = hooks.ping(endpoint=first, now=timezone.now() - timedelta(minutes=1))
    ours = hooks.ping(endpoint=second, now=timezone.now())
    with closing(connection.copy()) as other:
        other.connect()
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute(
                "SELECT FROM partners_endpoint WHERE id = %s FOR NO KEY UPDATE", [first.pk]
            )
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '1s'")
        claimed = [claiming.claim(now=timezone.now()) for _it in range(2)]
        other.rollback()

    assert claimed == [[ours], []]
    assert claiming.claim(now=timezone.now()) == [theirs]


def test_a_partner_with_many_slow_endpoints_keeps_nobody_else_waiting(make, partner):
    nurses = Partner.objects.create(name="Example Nurses", slug="nurses")
    now = timezone.now()
    for whose in (*[partner] * 9, nurses, None):
        hooks.ping(endpoint=make(whose), now=now)

    taken = []
    while claimed := claiming.claim(now=now):
        taken.append(claimed[0].endpoint.partner)

    assert Counter(taken) == {partner: 2, nurses: 1, None: 1}
    assert claiming.claim(now=now + claiming.LEASE * 2)[0].endpoint.partner == partner


def begin_thread() -> threading.Thread:
    def work() -> None:
        try:
            lead_hooks.sweep(clock=timezone.now)
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_no_more_threads_of_a_process_wait_for_others_than_its_senders(monkeypatch, db):
    full = threading.BoundedSemaphore(1)
    monkeypatch.setattr("partners.hooks.sending._senders", full)
    full.acquire()

    assert sweep() == 0


@pytest.mark.parametrize("name", ["plan_hooks", "send_hooks"])
def test_they_have_a_queue_of_their_own(settings, name):
    assert settings.CELERY_TASK_ROUTES[f"candidates.tasks.{name}"] == {"queue": "hooks"}
