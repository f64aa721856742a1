"""The day, minute by minute, as the big screen draws it."""

from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from django.test import Client
from django.utils import timezone

from partners import courses, milestones, totals
from partners.courses import Course
from partners.models import Credit, Drive
from tests.conftest import NOON
from tests.partners.test_folding import write


def course(drive: Drive, now: datetime = NOON) -> Course | None:
    milestones.fold(now=now)
    return courses.of(drive=drive, totals=totals.read(drive=drive, now=now))


def at(clock: str) -> datetime:
    """Return that moment of the drive's day, in New York."""
    return datetime.fromisoformat(f"2026-11-14T{clock}-05:00")


def test_each_minute_stands_where_it_was(drive: Drive) -> None:
    write(drive, 2, at=at("00:00"))
    write(drive, 3, at=at("09:30:59"))
    write(drive, 1, at=at("09:31"))
    write(drive, 7, at=at("00:00") - timedelta(seconds=1))

    told = course(drive)

    assert told.by_minute.path == "M0 0V2M570 0V3M571 0V1"
    assert (told.by_minute.steps, told.by_minute.most, told.by_minute.top) == (1440, 3, 5)
    assert told.by_ten.path == "M0 0V2M57 0V4"
    assert (told.by_ten.steps, told.by_ten.most) == (144, 4)
    assert [it.count for it in told.hours if it.count] == [2, 4]
    assert next(it.at for it in told.hours if it.is_to_come) == at("13:00")


def test_all_its_minutes_make_the_number_of_the_day(drive: Drive) -> None:
    for hour in range(12):
        write(drive, hour, at=at("00:00") + timedelta(hours=hour, minutes=hour * 7))

    told = course(drive)

    assert sum(told.counts.values()) == totals.read(drive=drive, now=NOON).today == 66


@pytest.mark.parametrize(
    ("day", "hours", "ticks"),
    [
        (date(2026, 3, 8), 23, ["0.00%", "21.74%", "47.83%", "73.91%"]),
        (date(2026, 11, 14), 24, ["0.00%", "25.00%", "50.00%", "75.00%"]),
        (date(2026, 11, 1), 25, ["0.00%", "28.00%", "52.00%", "76.00%"]),
    ],
)
def test_a_day_has_the_hours_that_its_clock_has(
    drive: Drive, day: date, hours: int, ticks: list[str]
) -> None:
    drive.day_on = day
    drive.save()

    told = course(drive, drive.span[1] - timedelta(seconds=1))

    assert (told.length, len(told.hours), told.passed) == (hours * 60, hours, "100.00%")
    assert [x for _at, x in told.ticks] == ticks
    assert {later.at - it.at for it, later in pairwise(told.hours)} == {timedelta(hours=1)}


def test_before_the_day_there_is_none_and_after_it_the_whole_of_it(drive: Drive) -> None:
    write(drive, 1, at=at("23:59"))

    assert course(drive, at("00:00") - timedelta(seconds=1)) is None
    after = course(drive, NOON + timedelta(days=9))
    assert (after.by_minute.path, after.so_far) == ("M1439 0V1", 1440)


def test_of_several_days_it_is_the_one_that_is_on(drive: Drive) -> None:
    drive.last_day_on = drive.day_on + timedelta(days=1)
    drive.save()
    write(drive, 4, at=at("10:00"))
    write(drive, 1, at=at("10:00") + timedelta(days=1))

    assert course(drive, NOON + timedelta(days=1)).by_minute.path == "M600 0V1"


def test_the_last_hour_is_as_fresh_as_the_totals_and_the_day_is_read_once_a_minute(
    drive: Drive, django_assert_num_queries
) -> None:
    write(drive, 1, at=at("03:00"))
    course(drive)
    write(drive, 5, at=at("11:59"))
    milestones.fold(now=NOON)
    told = totals.read(drive=drive, now=NOON)

    with django_assert_num_queries(0):
        again = courses.of(drive=drive, totals=told)

    assert again.by_minute.path == "M180 0V1M719 0V5"


def test_who_is_taken_back_leaves_their_minute(drive: Drive) -> None:
    write(drive, 1, at=at("08:00"))
    taken = Credit.objects.get()
    write(
        drive,
        1,
        at=at("08:00"),
        candidate_uuid=taken.candidate_uuid,
        kind="voided",
        counts_as="signed_up",
        amount=-1,
    )

    assert course(drive).by_minute.path == ""


def test_a_milestone_stands_where_it_passed_and_that_of_another_day_nowhere(drive: Drive) -> None:
    told = course(drive)

    assert told.place(at("06:00")) == "25.00%"
    assert [told.place(it) for it in (None, at("06:00") - timedelta(days=1))] == ["", ""]


def test_the_page_has_the_day_as_a_drawing_and_as_a_table(client: Client, drive: Drive) -> None:
    now = timezone.now()
    drive.day_on = timezone.localdate(now, drive.zone)
    drive.save()
    write(drive, 1_234, at=drive.span[0])
    milestones.fold(now=now)

    page = client.get("/live/").content.decode()

    assert 'viewBox="0 0 1440 1234"' in page
    assert '<path d="M0 0V1234' in page
    assert '<th scope="row">midnight</th><td>1,234</td>' in page
