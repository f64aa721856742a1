"""Where today is heading: said in words, and not said where there is too little to tell."""

from datetime import UTC, datetime, timedelta

import pytest
from django.template.loader import render_to_string

from partners.dashboard.pace import Pace, forecast
from partners.day_shapes import DayShape

MIDNIGHT = datetime(2026, 11, 15, 5, tzinfo=UTC)
MORNING = datetime(2026, 11, 14, 5, tzinfo=UTC)
EVEN = DayShape({MORNING + timedelta(hours=number): 1 / 24 for number in range(24)}, is_known=False)


def hours(*counts):
    return [(MORNING + timedelta(hours=number), count) for number, count in enumerate(counts)]


def heading(counts, *, to_go=0, minutes=0):
    """Ask in the last hour of `counts`, so many minutes after it began."""
    now = MORNING + timedelta(hours=len(counts) - 1, minutes=minutes)
    return forecast(hours=hours(*counts), shape=EVEN, ends_at=MIDNIGHT, to_go=to_go, now=now)


def test_the_last_three_full_hours_say_how_it_goes_on():
    seen = heading([900, 10, 20, 30, 5], minutes=30)

    assert seen == Pace(by_midnight=965 + 390, hours=3, goal_at=None)


def test_in_the_first_hour_nothing_is_said():
    assert heading([50], minutes=59) is None


def test_four_people_are_too_few_to_tell_and_five_are_not():
    assert heading([1, 1, 2, 0]) is None
    assert heading([1, 2, 2, 0]) is not None


def test_the_goal_is_reached_by_the_next_full_quarter_of_an_hour():
    assert heading([60, 60, 60, 0], to_go=61).goal_at == MORNING + timedelta(hours=4, minutes=15)


def test_a_goal_that_is_farther_than_midnight_has_no_time():
    assert heading([60, 60, 60, 0], to_go=5000).goal_at is None


def test_what_is_to_come_is_said_in_two_digits():
    assert heading([111, 111, 111, 0]).by_midnight == 333 + 2300


def said(**numbers):
    return render_to_string("partners/portal/_pace.html", {"numbers": numbers})


@pytest.mark.parametrize(
    ("is_by_confirmed", "words"),
    [(False, "At this pace 640 by midnight."), (True, "At this pace 640 confirmed by midnight.")],
)
def test_the_page_says_the_pace_in_words(is_by_confirmed, words):
    at = MORNING + timedelta(hours=15)

    page = said(pace=Pace(640, 2, at), is_by_confirmed=is_by_confirmed)

    assert words in page
    assert "your goal would be reached." in page
    assert "the last 2 full hours" in page


def test_when_it_is_too_early_the_page_says_nothing():
    assert said(pace=None).strip() == ""
