"""Nobody's phone rings at night, on either side of a change of the clocks."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from candidates import hours, zones

NEW_YORK = ZoneInfo("America/New_York")
ALL_ZONES = sorted({*zones.RANGES.split()[1::2], *zones.FAR_OUT.values()})
moments = st.integers(0, 8 * 366 * 24 * 60).map(
    lambda minutes: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
some_zone = st.sampled_from(ALL_ZONES).map(ZoneInfo)
spans = st.tuples(st.integers(0, 23), st.integers(1, 24)).filter(lambda span: span[0] < span[1])
Span = tuple[int, int]


def moved(at: datetime, zone: ZoneInfo, span: Span = (9, 20)) -> datetime:
    return hours.polite(at=at, zone=zone, from_hour=span[0], until_hour=span[1])


def is_inside(at: datetime, zone: ZoneInfo, span: Span) -> bool:
    return span[0] <= at.astimezone(zone).hour < span[1]


def new_york(day: str, clock: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=NEW_YORK, fold=fold)


@pytest.mark.parametrize("name", ALL_ZONES)
@pytest.mark.parametrize("month", [1, 7])
def test_a_mail_due_at_night_waits_for_the_morning_of_its_reader(name: str, month: int) -> None:
    zone = ZoneInfo(name)
    midnight = datetime(2026, month, 10, tzinfo=zone)

    assert moved(midnight, zone).astimezone(zone) == midnight.replace(hour=9)
    assert moved(midnight.replace(hour=20), zone) == midnight.replace(day=11, hour=9)
    assert moved(midnight.replace(hour=19, minute=59), zone) == midnight.replace(hour=19, minute=59)


SPRING, AUTUMN = "2026-03-08", "2026-11-01"


@pytest.mark.parametrize(
    ("at", "span", "expected"),
    [
        (new_york(SPRING, "01:30"), (2, 4), new_york(SPRING, "03:00")),
        (new_york(SPRING, "01:30"), (2, 3), new_york("2026-03-09", "02:00")),
        (new_york(SPRING, "01:30"), (3, 4), new_york(SPRING, "03:00")),
        (new_york("2026-03-07", "21:00"), (9, 20), new_york(SPRING, "09:00")),
        (new_york(AUTUMN, "00:30"), (1, 2), new_york(AUTUMN, "01:00")),
        (new_york(AUTUMN, "01:30", fold=1), (1, 2), new_york(AUTUMN, "01:30", fold=1)),
        (new_york(AUTUMN, "02:00"), (1, 2), new_york("2026-11-02", "01:00")),
        (new_york(AUTUMN, "01:30"), (2, 3), new_york(AUTUMN, "02:00")),
        (new_york("2026-10-31", "21:00"), (9, 20), new_york(AUTUMN, "09:00")),
    ],
)
def test_the_clocks_change(at: datetime, span: Span, expected: datetime) -> None:
    assert moved(at, NEW_YORK, span).astimezone(UTC) == expected.astimezone(UTC)


@pytest.mark.parametrize("span", [(20, 9), (9, 9), (-1, 5), (9, 25), (24, 24)])
def test_hours_over_midnight_are_refused(span: Span) -> None:
    with pytest.raises(hours.NoSuchHours):
        moved(datetime(2026, 1, 1, tzinfo=UTC), NEW_YORK, span)


@given(at=moments, zone=some_zone, span=spans)
def test_a_mail_is_never_early_always_polite_and_moved_once(
    at: datetime, zone: ZoneInfo, span: Span
) -> None:
    polite = moved(at, zone, span)

    assert polite >= at
    assert is_inside(polite, zone, span)
    assert moved(polite, zone, span) == polite


@given(at=moments, zone=some_zone, span=spans)
def test_no_earlier_moment_would_have_done(at: datetime, zone: ZoneInfo, span: Span) -> None:
    polite = moved(at, zone, span)

    while at < polite:
        assert not is_inside(at, zone, span)
        at += timedelta(minutes=15)


@given(at=moments, later=st.timedeltas(timedelta(0), timedelta(days=3)), zone=some_zone, span=spans)
def test_who_is_due_later_is_not_written_to_earlier(
    at: datetime, later: timedelta, zone: ZoneInfo, span: Span
) -> None:
    assert moved(at, zone, span) <= moved(at + later, zone, span)


@given(day=st.integers(0, 3000), minute=st.integers(-90, 90), zone=some_zone, span=spans)
def test_around_every_change_of_the_clocks(
    day: int, minute: int, zone: ZoneInfo, span: Span
) -> None:
    """Two in the morning is when the clocks of the United States change."""
    at = datetime(2024, 1, 1, 2, tzinfo=zone) + timedelta(days=day, minutes=minute)

    polite = moved(at.astimezone(UTC), zone, span)

    assert is_inside(polite, zone, span)
    assert not is_inside(polite - timedelta(microseconds=1), zone, span) or polite == at
