"""Failures are counted where PostgreSQL may be away, and counting them makes nobody wait."""

import time
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from recruit import errors, valkey
from recruit.celery import app
from recruit.errors import Failures, Kind


@pytest.fixture(autouse=True)
def _no_rest(redis: None) -> None:
    errors._Rest.until = 0.0


def lately(minutes=10):
    return errors.lately(minutes=minutes, now=timezone.now())


def test_each_kind_is_counted_in_its_minute(monkeypatch):
    for kind in (Kind.ERROR, Kind.AWAY, Kind.AWAY, Kind.TASK):
        errors.note(kind)
    now = time.time()
    monkeypatch.setattr(errors.time, "time", lambda: now - 20 * 60)
    errors.note(Kind.ERROR)

    assert lately() == Failures(errors=1, away=2, tasks=1)
    assert errors.lately(minutes=30, now=timezone.now()).answers == 4
    assert errors.lately(minutes=10, now=timezone.now() + timedelta(hours=1)) == Failures()


def test_a_count_outlives_two_hours_and_no_more():
    errors.note(Kind.ERROR)

    (key,) = valkey.client.keys(f"{errors.PREFIX}*")
    assert 0 < valkey.client.ttl(key) <= errors.KEPT_SECONDS


def test_a_page_that_fails_is_counted(monkeypatch, client: Client):
    client.raise_request_exception = False
    monkeypatch.setattr("partners.views.public.totals.public", lambda **_told: 1 / 0)

    assert client.get("/totals.json").status_code == 500
    assert lately() == Failures(errors=1)


def test_a_task_that_fails_is_counted():
    @app.task(name="tests.fails")
    def fails() -> None:
        raise ValueError

    fails.apply()

    assert lately() == Failures(tasks=1)


def test_without_redis_nobody_waits_twice(redis_away, monkeypatch):
    errors.note(Kind.ERROR)
    monkeypatch.setattr(valkey, "client", None)  # whoever asked it now would fail

    errors.note(Kind.ERROR)


def test_without_redis_it_is_unknown_and_not_zero(redis_away):
    assert lately() is None
