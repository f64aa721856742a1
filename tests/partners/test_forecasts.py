"""A forecast says its range, keeps it four times in five, and shows how it did."""

import random
from datetime import UTC, datetime, timedelta

from partners import forecasts

MIDNIGHT = datetime(2026, 11, 15, 5, tzinfo=UTC)
MORNING = datetime(2026, 11, 14, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)


def hours(counts):
    return [(MORNING + HOUR * number, count) for number, count in enumerate(counts)]


def said(counts, *, minutes=0):
    """Say it in the last hour of `counts`, so many minutes after it began."""
    now = MORNING + HOUR * (len(counts) - 1) + timedelta(minutes=minutes)
    return forecasts.make(hours=hours(counts), ends_at=MIDNIGHT, now=now)


def test_even_hours_are_foretold_within_chance_and_wild_ones_within_more():
    even, wild = said([100] * 12 + [0]), said([20, 180] * 6 + [0])

    assert even.likely == 1_200 + 1_200
    assert even.low < even.likely < even.high
    assert wild.high - wild.low > 4 * (even.high - even.low)


def test_a_day_that_climbs_evenly_is_no_wild_day():
    climbing, jumping = said([*range(10, 130, 10), 0]), said([10, 120] * 6 + [0])

    assert climbing.high - climbing.low < (jumping.high - jumping.low) / 2


def test_nobody_who_came_goes_away_again():
    assert said([0, 60, 0, 0, 60, 0]).low >= 120


def test_the_range_narrows_to_the_count_at_midnight():
    day = hours([50] * 24)

    at_the_end = forecasts.make(hours=day, ends_at=MIDNIGHT, now=MIDNIGHT)

    assert at_the_end.low == at_the_end.likely == at_the_end.high == 1_200


def test_four_days_in_five_end_in_the_range():
    chance = random.Random(14_11_2026)
    in_range = 0
    for _ in range(400):
        day = [sum(chance.random() < 0.1 for _ in range(1_000)) for _ in range(24)]
        told = said([*day[:15], 0])
        in_range += told.low <= sum(day) <= told.high

    assert 0.72 <= in_range / 400 <= 0.95


def test_hindsight_holds_each_hour_against_what_came():
    day = hours([100] * 6 + [400] * 6)
    noon = MORNING + HOUR * 12

    told = forecasts.hindsight(hours=day, ends_at=MIDNIGHT, now=noon)

    assert [it.said.made_at for it in told] == [MORNING + HOUR * hour for hour in range(1, 12)]
    assert {it.came for it in told} == {3_000}
    assert (told[0].said.likely, told[0].off_by, told[0].is_in_range) == (1_200, 1_800, False)
    assert told[-1].said.likely == 3_000


def test_hindsight_of_a_day_that_is_over_is_about_its_midnight():
    told = forecasts.hindsight(
        hours=hours([10] * 24), ends_at=MIDNIGHT, now=MIDNIGHT + timedelta(days=3)
    )

    assert len(told) == 23
    assert {it.said.ends_at for it in told} == {MIDNIGHT}
    assert all(it.is_in_range for it in told)
