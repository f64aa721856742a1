"""Which drive is on: from its first moment to its last, for everybody who comes."""

from datetime import timedelta

import pytest

from partners import drives
from partners.models import Credit, Drive
from tests.conftest import NOON, SignUp

MOMENT = timedelta(milliseconds=1)


@pytest.fixture
def next_drive(drive: Drive) -> Drive:
    return Drive.objects.create(name="Next", slug="next", day_on=NOON.date(), opens_at=NOON)


def test_who_comes_in_the_first_second_belongs_to_the_drive_that_opened(
    next_drive: Drive, sign_up: SignUp, ada, django_assert_num_queries
) -> None:
    drives.current(now=NOON - timedelta(seconds=1))

    with django_assert_num_queries(0):
        assert drives.current(now=NOON - MOMENT) != next_drive
        assert drives.current(now=NOON) == next_drive
    sign_up(ada, at=NOON + MOMENT)

    assert Credit.objects.get().drive == next_drive


def test_who_comes_as_one_closes_belongs_to_the_one_that_goes_on(
    drive: Drive, next_drive: Drive, django_assert_num_queries
) -> None:
    midnight = NOON + timedelta(hours=12)
    Drive.objects.filter(pk=next_drive.pk).update(closes_at=midnight)
    drives.current(now=midnight - timedelta(seconds=1))

    with django_assert_num_queries(0):
        assert drives.current(now=midnight - MOMENT) == next_drive
        assert drives.current(now=midnight) == drive


def test_where_all_have_closed_the_one_that_opened_last_goes_on(next_drive: Drive) -> None:
    Drive.objects.update(closes_at=NOON + timedelta(hours=1))

    assert drives.current(now=NOON + timedelta(days=9)) == next_drive


def test_of_two_that_open_at_once_the_one_made_last_is_on(next_drive: Drive) -> None:
    twin = Drive.objects.create(name="Twin", slug="twin", day_on=NOON.date(), opens_at=NOON)

    assert drives.current(now=NOON) == twin


def test_what_is_on_is_read_in_one_query(next_drive: Drive, django_assert_num_queries) -> None:
    with django_assert_num_queries(1):
        drives.current(now=NOON)
