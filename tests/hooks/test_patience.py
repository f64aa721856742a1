"""A receiver that asks us to wait: for as long as it says, within what we would do anyway."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from django.utils import timezone

from partners import hooks
from partners.hooks import patience
from tests.hooks.conftest import answer, sweep

NOW = datetime(2026, 11, 14, 17, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("120", 120),
        (" 7 ", 7),
        ("0", 0),
        ("Sat, 14 Nov 2026 17:05:00 GMT", 300),
        ("Saturday, 14-Nov-26 17:05:00 GMT", 300),  # RFC 850: still allowed
        ("Sat, 14 Nov 2026 12:05:00 -0500", 300),
        ("Sat, 14 Nov 2026 17:05:00 -0000", 300),
        ("Sat, 14 Nov 2026 16:00:00 GMT", 0),
        ("Sun, 14 Nov 2027 17:00:00 GMT", 8 * 3600),
        ("9" * 40, 8 * 3600),
        ("", 0),
        ("-5", 0),
        ("1.5", 0),
        ("²", 0),
        ("soon", 0),
        ("Sat, 99 Nov 2026 17:05:00 GMT", 0),
        ("Sat, 14 Nov 99999 17:05:00 GMT", 0),
    ],
)
def test_it_is_read_as_seconds_or_as_a_date_and_else_as_nothing(words, seconds):
    assert patience.asked(retry_after=words, now=NOW) == timedelta(seconds=seconds)


@pytest.mark.parametrize("status", [429, 503])
def test_who_asks_for_an_hour_is_left_alone_for_an_hour(receiver, endpoint, ping, status):
    receiver.behave = answer(status, **{"Retry-After": "3600"})
    sweep()
    hooks.ping(endpoint=endpoint, now=timezone.now())

    assert sweep(after=59 * MINUTE) == 0
    receiver.behave = answer(200)
    assert sweep(after=HOUR + MINUTE) == 2
    endpoint.refresh_from_db()
    assert (endpoint.failures, len(receiver.heard)) == (0, 3)


def test_a_date_is_heard_as_well(receiver, ping):
    until = format_datetime(timezone.now() + 2 * HOUR, usegmt=False)
    receiver.behave = answer(503, **{"Retry-After": until})

    sweep()

    ping.refresh_from_db()
    assert abs(ping.due_at - timezone.now() - 2 * HOUR) < MINUTE


def test_who_asks_for_less_than_our_own_wait_gets_our_own(receiver, ping):
    receiver.behave = answer(429, **{"Retry-After": "1"})

    sweep()

    ping.refresh_from_db()
    assert 25 * SECOND < ping.due_at - timezone.now() < 31 * SECOND


def test_who_asks_for_a_year_is_tried_again_within_the_day(receiver, ping, endpoint):
    receiver.behave = answer(429, **{"Retry-After": "31536000"})

    sweep()

    ping.refresh_from_db()
    endpoint.refresh_from_db()
    for at in (ping.due_at, endpoint.rests_until):
        assert timedelta(hours=7.9) < at - timezone.now() < timedelta(hours=8.1)


def test_no_other_answer_may_ask_for_it(receiver, ping):
    receiver.behave = answer(500, **{"Retry-After": "3600"})

    sweep()

    ping.refresh_from_db()
    assert ping.due_at - timezone.now() < MINUTE
