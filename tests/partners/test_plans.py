"""The plan of a day: its goal, spread as the last drive's day went."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from partners import plans
from partners.models import Drive, Milestone, Tally
from tests.conftest import NOON

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def last(drive: Drive) -> Drive:
    """Last year's drive, on the day after daylight saving ended: half at 9, half at 18 o'clock."""
    made = Drive.objects.create(
        name="Last year", slug="last", day_on=date(2025, 11, 3), opens_at=NOON - timedelta(days=400)
    )
    tally(made, datetime(2025, 11, 3, 14, tzinfo=UTC), 60)
    tally(made, datetime(2025, 11, 3, 23, tzinfo=UTC), 60)
    return made


def tally(drive, hour_at, value):
    Tally.objects.create(drive=drive, kind="signed_up", hour_at=hour_at, value=value)


def goal(drive, target):
    Milestone.objects.create(drive=drive, scope="day", target=target)


def test_without_a_goal_there_is_no_plan(drive):
    day = plans.read(drive=drive, day=drive.day_on)

    assert (day.goal, day.by_now(NOON), day.per_minute(NOON)) == (
        None,
        (0, None, None),
        (None, None),
    )


def test_without_an_earlier_drive_the_plan_sleeps_until_seven(drive):
    goal(drive, 1_770)
    day = plans.read(drive=drive, day=drive.day_on)

    clocks = [it.at.astimezone(drive.zone).hour for it in day.hours]
    planned = dict(zip(clocks, (it.planned for it in day.hours), strict=True))
    assert planned == pytest.approx({hour: 10 if hour < 7 else 100 for hour in range(24)})
    assert day.by_now(NOON + HOUR / 2)[1] == pytest.approx(620)
    assert day.per_minute(NOON)[0] == pytest.approx(100 / 60)
    assert not day.shape.is_known


def test_a_last_drive_of_a_few_people_gives_no_shape(drive):
    goal(drive, 1_770)
    few = Drive.objects.create(
        name="Few", slug="few", day_on=date(2025, 11, 3), opens_at=NOON - timedelta(days=400)
    )
    tally(few, datetime(2025, 11, 3, 14, tzinfo=UTC), 99)

    day = plans.read(drive=drive, day=drive.day_on)

    assert (day.last, day.shape.is_known) == (few, False)
    assert all(it.planned for it in day.hours)


def test_the_last_drive_gives_the_plan_its_shape_by_the_clock_on_the_wall(drive, last):
    goal(drive, 2_000)
    day = plans.read(drive=drive, day=drive.day_on)

    clocks = {it.at.astimezone(drive.zone).hour: it.planned for it in day.hours if it.planned}
    assert clocks == {9: 1_000, 18: 1_000}
    assert day.by_now(NOON) == (0, 1_000, 60)
    assert day.last == last


def test_a_goal_of_several_days_has_the_same_part_on_each(drive, last):
    goal(drive, 2_000)
    drive.last_day_on = drive.day_on + timedelta(days=3)

    first, second = (
        plans.read(drive=drive, day=drive.day_on + timedelta(days=number)) for number in (0, 1)
    )

    sums = [sum(it.planned for it in day.hours) for day in (first, second)]
    assert sums == pytest.approx([500, 500])


def test_each_of_several_days_is_held_against_the_one_of_the_same_number(drive, last):
    last.last_day_on = last.day_on + timedelta(days=1)
    last.save()
    tally(last, datetime(2025, 11, 4, 14, tzinfo=UTC), 7)

    days = [
        plans.read(drive=drive, day=drive.day_on + timedelta(days=number)) for number in (0, 1, 2)
    ]

    assert [sum(it.before for it in day.hours) for day in days] == [120, 7, 7]


def test_a_drive_with_nobody_on_its_day_teaches_nothing(drive, last):
    always_open = Drive.objects.create(
        name="Open", slug="open", day_on=date(2026, 1, 1), opens_at=NOON - timedelta(days=400)
    )
    tally(always_open, NOON - timedelta(days=30), 50)

    assert plans.read(drive=drive, day=drive.day_on).last == last


def test_what_came_is_counted_beside_it(drive, last):
    tally(drive, NOON, 7)
    tally(drive, NOON + timedelta(days=1), 9)

    assert plans.read(drive=drive, day=drive.day_on).by_now(NOON)[0] == 7


def test_a_later_drive_and_an_empty_one_teach_nothing(drive):
    Drive.objects.create(
        name="Empty", slug="empty", day_on=date(2025, 11, 3), opens_at=NOON - timedelta(days=400)
    )
    later = Drive.objects.create(
        name="Later", slug="later", day_on=date(2027, 11, 3), opens_at=NOON - timedelta(days=400)
    )
    tally(later, NOON, 5)

    assert plans.read(drive=drive, day=drive.day_on).last is None


def test_a_day_of_25_hours_has_25(drive, last):
    long_day = date(2026, 11, 1)

    assert len(plans.read(drive=drive, day=long_day).hours) == 25


def test_four_queries(drive, last):
    with CaptureQueriesContext(connection) as made:
        plans.read(drive=drive, day=drive.day_on)

    assert len(made) == 4
