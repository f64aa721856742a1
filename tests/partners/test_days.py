"""A drive's day: one date or several, in the drive's zone or on everyone's own clock."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError

from candidates import zips, zones
from candidates.audit import sums, targets
from partners import local_days, milestones, states, totals
from partners.models import Credit, Drive, Milestone, ReferralLink, StateTally, Tally
from tests.conftest import NOON
from tests.partners.test_folding import write

INSTANT = timedelta(microseconds=1)


def on_the_clock(zone: str, *moment: int) -> datetime:
    return datetime(*moment, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def is_audited() -> bool:
    return all(it.is_ok for it in [*sums.always(), *targets.always()])


@pytest.fixture
def local(drive: Drive) -> Drive:
    drive.is_local_day = True
    drive.save()
    return drive


def counted(drive: Drive) -> int:
    """How many the fold has on the drive's day."""
    milestones.fold(now=NOON + timedelta(days=9))
    return totals.read(drive=drive, now=NOON).today


class TestSeveralDays:
    @pytest.fixture
    def weekend(self, drive: Drive) -> Drive:
        """Saturday and Sunday, the 31st of October and the 1st of November: the clocks go back."""
        drive.day_on, drive.last_day_on = date(2026, 10, 31), date(2026, 11, 1)
        drive.save()
        return drive

    def test_they_begin_with_the_first_midnight_and_end_with_the_last(self, weekend: Drive) -> None:
        begin, end = weekend.span

        assert end - begin == timedelta(hours=24 + 25)
        assert begin == on_the_clock("America/New_York", 2026, 10, 31)

    def test_in_spring_they_are_an_hour_shorter(self, weekend: Drive) -> None:
        """Saturday to Monday; the clocks go forward in the night to Sunday, the 8th of March."""
        weekend.day_on, weekend.last_day_on = date(2026, 3, 7), date(2026, 3, 9)
        weekend.save()
        begin, end = weekend.span
        hours = [begin + timedelta(hours=number) for number in range(-1, 24 + 23 + 24 + 1)]
        for at in hours:
            write(weekend, 1, at=at)

        assert (hours[1], hours[-1]) == (begin, end)
        assert counted(weekend) == len(hours) - 2
        assert is_audited()

    def test_everyone_between_counts_and_nobody_else(self, weekend: Drive) -> None:
        begin, end = weekend.span
        for at in (begin - INSTANT, begin, begin + timedelta(days=1), end - INSTANT, end):
            write(weekend, 1, at=at)

        assert counted(weekend) == 3

    def test_a_milestone_is_reached_on_the_second_day(self, weekend: Drive) -> None:
        goal = Milestone.objects.create(drive=weekend, scope="day", target=2)
        begin, end = weekend.span
        for at in (begin - INSTANT, begin, end - INSTANT):
            write(weekend, 1, at=at)

        milestones.fold(now=end)

        goal.refresh_from_db()
        assert (goal.reached_by, goal.reached_value) == (Credit.objects.latest("id"), 2)
        goal.announced_at = end
        goal.save()
        assert is_audited()

    @pytest.mark.parametrize(("days", "phase"), [(-1, "before"), (0, "today"), (1, "today")])
    def test_the_phase_lasts_as_long_as_the_days(
        self, weekend: Drive, days: int, phase: str
    ) -> None:
        now = weekend.span[0] + timedelta(days=days, hours=1)

        assert totals.read(drive=weekend, now=now).phase == phase

    def test_the_day_that_is_on_is_one_of_them(self, weekend: Drive) -> None:
        days = [weekend.day_at(weekend.span[0] + timedelta(days=n, hours=1)) for n in range(-1, 3)]

        assert [it.isoformat()[5:] for it in days] == ["10-31", "10-31", "11-01", "11-01"]

    def test_they_never_end_before_they_begin(self, drive: Drive) -> None:
        drive.last_day_on = drive.day_on - timedelta(days=1)

        with pytest.raises(ValidationError, match="before the first"):
            drive.full_clean()


@pytest.mark.parametrize(("day", "hours"), [("2026-03-08", 23), ("2026-11-01", 25)])
def test_a_day_on_which_the_clocks_change_has_all_of_its_hours(
    drive: Drive, day: str, hours: int
) -> None:
    drive.day_on = date.fromisoformat(day)
    drive.save()
    goal = Milestone.objects.create(drive=drive, scope="day", target=hours)
    begin, end = drive.span
    for number in range(-1, hours + 1):
        write(drive, 1, at=begin + timedelta(hours=number))
    write(drive, 1, at=begin - INSTANT)
    write(drive, 1, at=end - INSTANT)

    assert counted(drive) == hours + 1
    assert sum(it.on_the_day for it in states.by_state(drive=drive)) == hours + 1
    goal.refresh_from_db()
    assert goal.reached_at == begin + timedelta(hours=hours - 1)
    goal.announced_at = end
    goal.save()
    assert is_audited()


class TestTheZone:
    @pytest.mark.parametrize("zone", ["Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe"])
    def test_one_whose_days_begin_within_an_hour_of_utc_is_refused(
        self, drive: Drive, zone: str
    ) -> None:
        """Lord Howe's is off by half an hour in winter alone."""
        drive.time_zone = zone

        with pytest.raises(ValidationError, match="full hour"):
            drive.full_clean()

    @pytest.mark.parametrize("zone", ["Pacific/Honolulu", "Pacific/Guam", "Pacific/Kiritimati"])
    def test_its_day_is_cut_at_its_own_midnights(self, drive: Drive, zone: str) -> None:
        drive.time_zone = zone
        drive.full_clean()
        drive.save()
        begin, end = on_the_clock(zone, 2026, 11, 14), on_the_clock(zone, 2026, 11, 15)
        for at in (begin - INSTANT, begin, end - INSTANT, end):
            write(drive, 1, at=at)

        assert counted(drive) == 2
        assert is_audited()


class TestEveryonesOwnDay:
    """The drive's zone is New York's; the people are elsewhere."""

    @pytest.mark.parametrize(
        ("state", "zone"),
        [
            ("CA", "America/Los_Angeles"),
            ("AZ", "America/Phoenix"),
            ("HI", "Pacific/Honolulu"),
            ("GU", "Pacific/Guam"),
            ("AE", "Europe/Berlin"),
            ("NY", "America/New_York"),
            ("", "America/New_York"),
        ],
    )
    def test_it_is_cut_at_the_midnights_of_the_persons_own_clock(
        self, local: Drive, state: str, zone: str
    ) -> None:
        begin, end = on_the_clock(zone, 2026, 11, 14), on_the_clock(zone, 2026, 11, 15)
        for at in (begin - INSTANT, begin, end - INSTANT, end):
            write(local, 1, at=at, state=state)

        assert counted(local) == 2
        assert [it[1:] for it in states.by_state(drive=local)] == [(2, 4)]
        assert is_audited()
        assert milestones.drift() == []

    def test_half_past_eleven_in_california_is_half_past_eleven_on_the_day(
        self, local: Drive
    ) -> None:
        write(local, 1, at=on_the_clock("America/Los_Angeles", 2026, 11, 14, 23, 30), state="CA")
        milestones.fold(now=NOON)

        hour = Tally.objects.get().hour_at.astimezone(local.zone)
        assert (hour.date(), hour.hour) == (local.day_on, 23)

    def test_without_the_option_the_same_person_comes_a_day_late(self, drive: Drive) -> None:
        write(drive, 1, at=on_the_clock("America/Los_Angeles", 2026, 11, 14, 23, 30), state="CA")

        assert counted(drive) == 0

    @pytest.mark.parametrize(
        ("state", "zone"), [("TX", "America/Denver"), ("TN", "America/New_York")]
    )
    def test_who_lives_on_the_other_clock_of_their_state_reads_the_one_of_most(
        self, local: Drive, state: str, zone: str
    ) -> None:
        """In El Paso and in Knoxville the day is an hour off: docs/drives.md says so."""
        of_most = on_the_clock("America/Chicago", 2026, 11, 15)
        own = on_the_clock(zone, 2026, 11, 15)
        write(local, 1, at=of_most - INSTANT, state=state)
        write(local, 1, at=of_most, state=state)

        assert abs(own - of_most) == timedelta(hours=1)
        assert counted(local) == 1

    def test_a_milestone_is_reached_by_the_line_whose_own_day_it_is(self, local: Drive) -> None:
        goal = Milestone.objects.create(drive=local, scope="day", target=1)
        late = on_the_clock("America/Los_Angeles", 2026, 11, 14, 23)
        write(local, 1, at=late, state="NY")
        write(local, 1, at=late, state="CA")

        milestones.fold(now=NOON)

        goal.refresh_from_db()
        assert goal.reached_by.state == "CA"
        assert goal.reached_at == late

    def test_a_void_leaves_the_day_that_its_line_was_on(self, local: Drive) -> None:
        late = on_the_clock("America/Los_Angeles", 2026, 11, 14, 23)
        write(local, 2, at=late, state="CA")
        gone = {"kind": "voided", "counts_as": "signed_up", "amount": -1}
        write(local, 1, at=late, state="CA", **gone)

        assert counted(local) == 1

    @pytest.mark.parametrize("month", [3, 11])
    def test_when_clocks_change_nobody_leaves_their_day(self, local: Drive, month: int) -> None:
        """The Sunday in March has 23 hours in New York, that in November 25; in Arizona, 24."""
        day = date(2026, month, 8 if month == 3 else 1)
        local.day_on = day
        local.save()
        zones_of = {"NY": "America/New_York", "CA": "America/Los_Angeles", "AZ": "America/Phoenix"}
        zones_of |= {"HI": "Pacific/Honolulu", "GU": "Pacific/Guam"}
        hours = 0
        for state, zone in zones_of.items():
            begin = on_the_clock(zone, day.year, day.month, day.day)
            end = on_the_clock(zone, day.year, day.month, day.day + 1)
            at = begin - timedelta(hours=1)
            while at < end + timedelta(hours=1):
                write(local, 1, at=at, state=state)
                at += timedelta(hours=1)
            hours += (end - begin) // timedelta(hours=1)

        assert counted(local) == hours == 2 * {3: 23, 11: 25}[month] + 3 * 24
        assert sum(it.on_the_day for it in states.by_state(drive=local)) == hours
        assert is_audited()

    def test_the_page_says_today_from_the_first_midnight_to_the_last(self, local: Drive) -> None:
        begins, ends = local_days.runs(drive=local)

        assert begins == on_the_clock("Pacific/Guam", 2026, 11, 14)
        assert ends == on_the_clock("Pacific/Pago_Pago", 2026, 11, 15)
        assert totals.read(drive=local, now=begins).phase == "today"
        assert totals.read(drive=local, now=ends).phase == "after"


def test_every_state_reads_the_clock_of_most_of_its_zip_codes() -> None:
    """The ZIP codes' own table of clocks knows nothing of ours."""
    clocks: dict[str, list[str]] = {}
    for prefix, state in zips.STATE_BY_PREFIX.items():
        clocks.setdefault(state, []).append(zones.zone_of(f"{prefix}01").key)
    noon = NOON.replace(tzinfo=None)
    offset = {
        state: ZoneInfo(zone).utcoffset(noon)
        for state, zone in local_days.ZONES.items()
        if state in clocks
    }
    most = {
        state: ZoneInfo(max(set(found), key=found.count)).utcoffset(noon)
        for state, found in clocks.items()
    }

    assert set(local_days.ZONES) == {*zips.STATE_BY_PREFIX.values(), *zips.PACIFIC.values()}
    assert offset == most


class TestStates:
    def test_each_state_has_what_it_brought_on_the_day_and_in_all(
        self, drive: Drive, link: ReferralLink
    ) -> None:
        write(drive, 2, state="OH", link=link)
        write(drive, 1, state="OH", at=NOON - timedelta(days=2))
        write(drive, 1, state="TX", at=NOON - timedelta(days=2))
        write(drive, 3, state="TX", kind="confirmed", counts_as="confirmed")
        milestones.fold(now=NOON)

        assert states.by_state(drive=drive) == (("OH", 2, 3), ("TX", 0, 1))

    def test_reading_them_is_one_query(self, drive: Drive, django_assert_num_queries) -> None:
        write(drive, 2, state="OH")
        milestones.fold(now=NOON)

        with django_assert_num_queries(1):
            states.by_state(drive=drive)

    def test_what_drifted_is_found_and_repaired(self, drive: Drive) -> None:
        write(drive, 2, state="OH")
        write(drive, 2, state="TX")
        milestones.fold(now=NOON)
        StateTally.objects.filter(state="OH").delete()
        StateTally.objects.filter(state="TX").update(value=9)

        assert {it.state for it in milestones.drift()} == {"OH", "TX"}
        assert milestones.recount(now=NOON) == 2

        assert states.by_state(drive=drive) == (("OH", 2, 2), ("TX", 2, 2))
