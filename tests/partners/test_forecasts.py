"""A forecast says its range, keeps it four times in five, and shows how it did."""

import random
from datetime import UTC, datetime, timedelta
from math import exp

import pytest

from partners import day_shapes, forecasts
from partners.day_shapes import DayShape
from partners.models import Drive

MIDNIGHT = datetime(2026, 11, 15, 5, tzinfo=UTC)
MORNING = datetime(2026, 11, 14, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)
CLOCK = [MORNING + HOUR * number for number in range(24)]
EVEN = DayShape(dict.fromkeys(CLOCK, 1 / 24), is_known=True)
# How a day of sign-ups goes in America: quiet nights, a noon, an evening. Our invention.
PEOPLES = [1, 1, 1, 1, 1, 1, 2, 4, 8, 12, 14, 14, 15, 14, 13, 12, 12, 12, 12, 13, 14, 12, 8, 4]


def shape_like(counts):
    return day_shapes.find(
        hours=CLOCK, zone=Drive(time_zone="America/New_York").zone, before=counts
    )


def hours(counts):
    return [(MORNING + HOUR * number, count) for number, count in enumerate(counts)]


def said(counts, *, shape=EVEN):
    """Say it at the beginning of the last hour of `counts`."""
    now = MORNING + HOUR * (len(counts) - 1)
    return forecasts.make(hours=hours(counts), shape=shape, ends_at=MIDNIGHT, now=now)


def test_even_hours_are_foretold_within_chance_and_wild_ones_within_more():
    even, wild = said([100] * 12 + [0]), said([20, 180] * 6 + [0])

    assert even.likely == 1_200 + 1_200
    assert even.low < even.likely < even.high
    assert wild.high - wild.low > 2 * (even.high - even.low)


def test_a_day_that_climbs_evenly_is_no_wild_day():
    climbing, jumping = said([*range(10, 130, 10), 0]), said([10, 120] * 6 + [0])

    assert climbing.high - climbing.low < (jumping.high - jumping.low) / 2


def test_nobody_who_came_goes_away_again():
    assert said([0, 60, 0, 0, 60, 0]).low >= 120


def test_the_range_narrows_to_the_count_at_midnight():
    day = hours([50] * 24)

    at_the_end = forecasts.make(hours=day, shape=EVEN, ends_at=MIDNIGHT, now=MIDNIGHT)

    assert at_the_end.low == at_the_end.likely == at_the_end.high == 1_200


@pytest.mark.parametrize("hour", [11, 14, 18, 21])
def test_four_days_in_five_end_in_the_range(hour):
    """400 days that go as people's days do, each hour a quarter from the last drive's."""
    chance = random.Random(14_11_2026)
    in_range = 0
    for _ in range(400):
        last, day = invented(chance), invented(chance)
        told = said([*day[:hour], 0], shape=shape_like(last))
        in_range += told.low <= sum(day) <= told.high

    assert 0.74 <= in_range / 400 <= 0.93


def invented(chance):
    crowd = 2_000 * exp(chance.gauss(0, 0.3)) / sum(PEOPLES)
    expected = [crowd * part * exp(chance.gauss(0, 0.25)) for part in PEOPLES]
    return [max(0, round(chance.gauss(it, it**0.5))) for it in expected]


def test_at_one_in_the_morning_nothing_is_said_of_a_day_that_begins_later():
    night = PEOPLES[:6]

    assert said([*night, 0], shape=shape_like(None)) is None
    assert said([*night, 0], shape=shape_like(PEOPLES)) is None


def test_the_quiet_hours_that_are_left_are_not_taken_for_busy_ones():
    evening = said([10 * it for it in PEOPLES[:21]] + [0], shape=shape_like(PEOPLES))

    assert evening.likely == pytest.approx(10 * sum(PEOPLES), rel=0.03)


def test_what_nobody_has_seen_is_no_range_of_chance():
    noon = said([0] * 7 + [100] * 5 + [0], shape=shape_like(None))

    assert not noon.is_known
    assert (noon.likely, noon.low, noon.high) == (500 + 1_200, 500 + 600, 500 + 1_800)


def test_a_slow_day_goes_by_more_hours_and_is_not_too_early_at_night():
    slow = said([0] * 9 + [1, 0, 1, 0, 1, 0, 1, 0, 1] + [0] * 6)

    assert slow.hours > forecasts.RECENT_HOURS
    assert slow.low >= 5


def test_hindsight_holds_each_hour_against_what_came():
    day = hours([100] * 6 + [400] * 6)
    noon = MORNING + HOUR * 12

    told = forecasts.hindsight(hours=day, shape=EVEN, ends_at=MIDNIGHT, now=noon)

    assert [it.said.made_at for it in told] == [MORNING + HOUR * hour for hour in range(3, 12)]
    assert {it.came for it in told} == {3_000}
    assert (told[0].said.likely, told[0].off_by, told[0].is_in_range) == (1_200, 1_800, False)
    assert told[-1].said.likely == 3_000


def test_hindsight_of_a_day_that_is_over_is_about_its_midnight():
    told = forecasts.hindsight(
        hours=hours([10] * 24), shape=EVEN, ends_at=MIDNIGHT, now=MIDNIGHT + timedelta(days=3)
    )

    assert len(told) == 21
    assert {it.said.ends_at for it in told} == {MIDNIGHT}
    assert all(it.is_in_range for it in told)
