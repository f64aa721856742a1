"""What is kept of each attempt: when, how long, and how it ended; and nothing that was said."""

import socket
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from candidates import hooks as lead_hooks
from partners import hooks
from partners.hooks import claiming
from partners.models import Delivery, Endpoint
from partners.models.hooks import MOST_KEPT
from tests.hooks.conftest import answer, sweep

SECRET = b"Ada Example, ada@example.org"


@pytest.fixture
def twice(receiver, ping) -> Delivery:
    """Refused at first, and taken half a minute later."""
    receiver.behave = answer(503, SECRET)
    sweep()
    receiver.behave = answer(200, SECRET)
    sweep(after=timedelta(seconds=31))
    ping.refresh_from_db()
    return ping


def test_each_attempt_is_kept_and_nothing_of_the_answers(twice):
    first, second = twice.tried

    assert [(it.outcome, it.status_code) for it in twice.tried] == [
        ("status", 503), ("accepted", 200),
    ]  # fmt: skip
    assert second.at - first.at > timedelta(seconds=30)
    assert all(0 <= it.milliseconds < 10_000 for it in twice.tried)
    assert "Ada" not in str(twice.history)
    assert "example.org" not in str(twice.history)


def test_a_replay_adds_to_it_and_there_is_an_end(receiver, endpoint, twice):
    for _time in range(MOST_KEPT):
        hooks.replay(endpoint=endpoint, delivery_id=twice.pk, now=timezone.now())
        sweep()

    twice.refresh_from_db()
    assert [it.outcome for it in twice.tried] == ["accepted"] * MOST_KEPT


def test_a_worker_that_stopped_is_seen_in_it(endpoint, ping, receiver):
    begun = timezone.now()
    claiming.claim(now=begun)

    lead_hooks.sweep(clock=lambda: begun + timedelta(seconds=31))

    ping.refresh_from_db()
    assert [it.outcome for it in ping.tried] == ["lost", "accepted"]
    assert ping.tried[0].at == begun


def test_what_kind_of_address_was_refused_is_kept(endpoint, ping, monkeypatch):
    Endpoint.objects.update(address="https://hook.example.org/")
    rows = [(0, 0, 0, "", (it, 443)) for it in ("8.8.8.8", "169.254.169.254")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_words, **_options: rows)

    sweep()

    ping.refresh_from_db()
    (tried,) = ping.tried
    assert (tried.outcome, tried.place, tried.status_code) == ("refused", "link", None)


def test_members_read_it_below_the_delivery(client: Client, organiser, endpoint, twice):
    client.force_login(organiser)

    page = client.get(f"/partners/teachers/webhooks/{endpoint.pk}/").content.decode()

    assert "2 attempts" in page
    assert "answered with an error (503)" in page
    assert "taken (200)" in page


def test_staff_read_it_at_the_delivery(client: Client, staffer, endpoint, twice):
    client.force_login(staffer)

    page = client.get(f"/admin/partners/delivery/{twice.pk}/change/").content.decode()

    assert "answered with an error (503)" in page
    assert "taken (200)" in page


def test_it_goes_with_its_delivery(twice):
    hooks.expire(now=timezone.now() + timedelta(days=61))

    assert not Delivery.objects.exists()
