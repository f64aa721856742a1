"""Credits become tallies, tallies reach milestones: exactly, and once."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from candidates.audit import targets
from partners import drives, milestones
from partners.models import Credit, Drive, Milestone, Partner, ReferralLink, Tally, Total
from tests.conftest import NOON, held_elsewhere

LATER = NOON + timedelta(hours=1)


def credit(drive: Drive, link: ReferralLink | None = None, **fields: object) -> Credit:
    return Credit(
        **{
            "candidate_uuid": uuid4(),
            "drive": drive,
            "link": link,
            "partner_id": link and link.partner_id,
            "kind": "signed_up",
            "counts_as": "signed_up",
            "at": NOON,
            "recorded_at": NOON,
        }
        | fields
    )


def write(drive: Drive, number: int, **fields: object) -> None:
    Credit.objects.bulk_create(credit(drive, **fields) for _ in range(number))


def total(drive: Drive) -> int:
    return Tally.objects.filter(drive=drive).aggregate(sum=Sum("value"))["sum"] or 0


def is_exact() -> bool:
    """The claim of the fold: every tally is the sum of its lines, and every line is counted."""
    lines: Counter[tuple[object, ...]] = Counter()
    for it in Credit.objects.all():
        hour = it.at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        lines[it.drive_id, it.partner_id, it.link_id, it.counts_as, hour] += it.amount
    tallies = {
        (it.drive_id, it.partner_id, it.link_id, it.kind, it.hour_at): it.value
        for it in Tally.objects.all()
    }
    return dict(lines) == tallies and not Credit.objects.uncounted().exists()


def are_totals_exact() -> bool:
    """The claim of the totals: each is the sum of its tallies, and there is no other."""
    sums = Tally.objects.values_list("drive", "partner", "link", "kind").annotate(Sum("value"))
    totals = Total.objects.values_list("drive", "partner", "link", "kind", "value")
    return set(sums) == set(totals)


def test_every_line_is_counted_once(drive: Drive, link: ReferralLink) -> None:
    write(drive, 3)
    write(drive, 2, link=link)
    write(drive, 1, kind="voided", counts_as="signed_up", amount=-1)

    assert [milestones.fold(now=LATER), milestones.fold(now=LATER)] == [6, 0]

    assert is_exact()
    assert are_totals_exact()
    assert (total(drive), Credit.objects.filter(counted_at=LATER).count()) == (4, 6)


def test_what_comes_later_is_added(drive: Drive) -> None:
    write(drive, 3)
    milestones.fold(now=LATER)

    write(drive, 4)
    milestones.fold(now=LATER)

    assert is_exact()
    assert Tally.objects.get().value == 7


def test_the_hour_that_comes_twice_in_autumn_is_two_hours(drive: Drive) -> None:
    first = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)  # 1:30 in New York, daylight saving time
    write(drive, 1, at=first)
    write(drive, 1, at=first + timedelta(hours=1))  # 1:30 again, standard time

    milestones.fold(now=LATER)

    begin, end = drive.span_of(first.date())
    assert end - begin == timedelta(hours=25)
    assert Tally.objects.filter(hour_at__gte=begin, hour_at__lt=end).count() == 2


def test_a_milestone_is_stamped_with_the_line_that_reached_it(drive: Drive) -> None:
    goal = Milestone.objects.create(drive=drive, scope="day", target=3)
    for minute in range(5):
        write(drive, 1, at=NOON + timedelta(minutes=minute))

    milestones.fold(now=LATER)

    goal.refresh_from_db()
    third = Credit.objects.order_by("id")[2]
    assert (goal.reached_by, goal.reached_at, goal.reached_value) == (third, third.at, 3)


def test_a_milestone_stays_as_it_was_stamped(drive: Drive) -> None:
    goal = Milestone.objects.create(drive=drive, scope="cumulative", target=12_987)
    write(drive, 2)
    milestones.fold(now=LATER)
    goal.refresh_from_db()
    before = goal.reached_at, goal.reached_value, goal.reached_by_id

    write(drive, 2, kind="voided", counts_as="signed_up", amount=-1)
    milestones.fold(now=LATER)
    write(drive, 5)
    milestones.fold(now=LATER + timedelta(hours=1))

    goal.refresh_from_db()
    assert (goal.reached_at, goal.reached_value, goal.reached_by_id) == before


def test_a_target_that_is_passed_and_lost_in_the_same_second_was_passed(drive: Drive) -> None:
    goal = Milestone.objects.create(drive=drive, scope="day", target=3)
    out_of_reach = Milestone.objects.create(drive=drive, scope="day", target=4)
    write(drive, 3)
    write(drive, 2, kind="voided", counts_as="signed_up", amount=-1)

    milestones.fold(now=LATER)

    goal.refresh_from_db()
    out_of_reach.refresh_from_db()
    assert (goal.reached_by, goal.reached_value) == (Credit.objects.order_by("id")[2], 3)
    assert out_of_reach.reached_at is None


def test_a_target_set_late_on_an_old_drive_is_reached_by_being_set(drive: Drive) -> None:
    write(drive, 2)
    milestones.fold(now=LATER)
    Drive.objects.create(name="Next", slug="next", day_on=NOON.date(), opens_at=NOON)
    drives.forget()
    goal = Milestone.objects.create(drive=drive, scope="day", target=2)
    ahead = Milestone.objects.create(drive=drive, scope="day", target=3)

    milestones.look_back(now=LATER)

    goal.refresh_from_db()
    ahead.refresh_from_db()
    assert (goal.reached_at, goal.reached_value, goal.reached_by) == (LATER, 2, None)
    assert ahead.reached_at is None


@pytest.mark.parametrize("others", [1, 0])
def test_a_drive_whose_zone_nobody_knows_lets_the_others_be_counted(
    drive: Drive, others: int, caplog: pytest.LogCaptureFixture
) -> None:
    """No form takes such a zone: it came by another way."""
    lost = Drive.objects.create(
        name="Lost", slug="lost", day_on=NOON.date(), opens_at=NOON, time_zone="localtime"
    )
    Milestone.objects.create(drive=lost, scope="day", target=1)
    write(lost, 2)
    write(drive, others)

    assert milestones.fold(now=LATER) == others

    assert total(drive) == others
    assert Credit.objects.uncounted().count() == 2
    assert "not counted, their time zones are unknown: ['Lost']" in caplog.text
    Drive.objects.update(time_zone="America/New_York")
    assert milestones.fold(now=LATER) == 2


def test_a_folder_whose_clock_is_behind_counts_after_those_who_came_before(drive: Drive) -> None:
    goal = Milestone.objects.create(drive=drive, scope="day", target=3)
    write(drive, 2)
    milestones.fold(now=LATER)
    write(drive, 2)

    milestones.fold(now=LATER - timedelta(seconds=1))

    counted = list(Credit.objects.order_by("id").values_list("counted_at", flat=True))
    assert counted == sorted(counted)
    assert counted[1] < counted[2]
    goal.refresh_from_db()
    assert goal.reached_by == Credit.objects.order_by("id")[2]
    goal.announced_at = LATER
    goal.save()
    assert all(it.is_ok for it in targets.always())


def test_only_the_day_counts_for_a_milestone_of_the_day(drive: Drive) -> None:
    goal = Milestone.objects.create(drive=drive, scope="day", target=2)
    write(drive, 5, at=NOON - timedelta(days=1))
    write(drive, 1)

    milestones.fold(now=LATER)

    goal.refresh_from_db()
    assert goal.reached_at is None


def test_a_partner_reaches_its_own_goal_with_its_own_sign_ups(
    drive: Drive, link: ReferralLink
) -> None:
    goal = Milestone.objects.create(drive=drive, partner=link.partner, scope="cumulative", target=2)
    write(drive, 5)
    write(drive, 1, link=link)
    milestones.fold(now=LATER)
    goal.refresh_from_db()
    assert goal.reached_at is None

    write(drive, 1, link=link)
    milestones.fold(now=LATER)

    goal.refresh_from_db()
    assert goal.reached_by == Credit.objects.latest("id")


def test_a_target_below_the_count_is_reached_by_being_set(drive: Drive) -> None:
    write(drive, 2)
    milestones.fold(now=LATER)
    goal = Milestone.objects.create(drive=drive, scope="day", target=2)

    assert milestones.fold(now=LATER) == 0

    goal.refresh_from_db()
    assert (goal.reached_at, goal.reached_value, goal.reached_by) == (LATER, 2, None)


def test_the_line_that_reached_a_partners_goal_is_the_partners_own(
    drive: Drive, link: ReferralLink
) -> None:
    goal = Milestone.objects.create(drive=drive, partner=link.partner, scope="cumulative", target=2)
    write(drive, 1, link=link)
    write(drive, 3)
    write(drive, 1, link=link)
    write(drive, 2)

    milestones.fold(now=LATER)

    goal.refresh_from_db()
    assert goal.reached_by == Credit.objects.filter(link=link).last()


def test_the_day_ends_at_midnight(drive: Drive) -> None:
    begin, end = drive.span_of(drive.day_on)
    goal = Milestone.objects.create(drive=drive, scope="day", target=3)
    second = timedelta(seconds=1)
    for at in (begin - second, begin, end - second, end):
        write(drive, 1, at=at)

    milestones.fold(now=end + timedelta(days=1))

    goal.refresh_from_db()
    assert goal.reached_at is None
    assert milestones.value(milestone=goal, drive=drive) == 2


def test_a_folder_that_dies_leaves_nothing_half(drive: Drive) -> None:
    write(drive, 3)

    def fold_and_die() -> None:
        with transaction.atomic():
            milestones.fold(now=LATER)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fold_and_die()

    assert (total(drive), Credit.objects.uncounted().count()) == (0, 3)


LINES = st.lists(
    st.tuples(
        st.sampled_from(["signed_up", "confirmed"]),
        st.sampled_from([1, 1, 1, -1]),
        st.integers(0, 3),
        st.sampled_from(["link", "organic"]),
        st.sampled_from(["fold", "wait", "recount"]),
    ),
    max_size=25,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=LINES)
def test_in_any_order_of_lines_and_folds_the_sums_are_right(
    drive: Drive, link: ReferralLink, lines: list[tuple[str, int, int, str, str]]
) -> None:
    with transaction.atomic():
        for counts_as, amount, hours, source, then in lines:
            kind = counts_as if amount == 1 else "voided"
            it = credit(
                drive,
                link if source == "link" else None,
                kind=kind,
                counts_as=counts_as,
                amount=amount,
                at=NOON + timedelta(hours=hours),
            )
            it.save()
            if then == "fold":
                milestones.fold(now=LATER)
            elif then == "recount":
                assert milestones.recount(now=LATER) == 0
        milestones.fold(now=LATER)

        assert is_exact()
        assert are_totals_exact()
        assert milestones.drift() == []
        transaction.set_rollback(True)


@pytest.mark.parametrize("goals", [1, 3])
def test_more_goals_cost_no_more_queries(
    drive: Drive, link: ReferralLink, goals: int, django_assert_num_queries
) -> None:
    for number in range(goals):
        partner = Partner.objects.create(name=f"Example {number}", slug=f"example-{number}")
        for scope in Milestone.Scope:
            Milestone.objects.create(drive=drive, partner=partner, scope=scope, target=1000)
    write(drive, 2, link=link)
    milestones.fold(now=LATER)
    write(drive, 2, link=link)

    # The lock, the counting, the drive, the milestones that are due; the other two are the
    # savepoint that the transaction is in a test.
    with django_assert_num_queries(6):
        milestones.fold(now=LATER)


@pytest.mark.django_db(transaction=True)
class TestManyAtOnce:
    """Writers and folders of several processes, here as threads with connections of their own."""

    @pytest.fixture
    def goals(self, drive: Drive) -> list[Milestone]:
        return [
            Milestone.objects.create(drive=drive, scope="day", target=target)
            for target in (10, 100, 399)
        ]

    def work(self, drive: Drive, fold) -> None:
        def again_and_again(times: int, job: Callable[[], object]) -> None:
            with closing(connection):
                for _ in range(times):
                    job()

        with ThreadPoolExecutor(12) as threads:
            writers = [
                threads.submit(again_and_again, 50, lambda: write(drive, 1)) for _ in range(8)
            ]
            folders = [
                threads.submit(again_and_again, 60, lambda: fold(now=LATER)) for _ in range(4)
            ]
        for it in [*writers, *folders]:
            it.result()
        while fold(now=LATER):
            pass

    def test_eight_writers_and_four_folders_lose_and_double_nothing(
        self, drive: Drive, goals: list[Milestone]
    ) -> None:
        self.work(drive, milestones.fold)

        assert is_exact()
        assert are_totals_exact()
        assert total(drive) == 400
        ids = list(Credit.objects.order_by("id").values_list("id", flat=True))
        for goal in goals:
            goal.refresh_from_db()
            assert goal.reached_value == goal.target
            assert goal.reached_by_id in ids

    def test_a_broken_twin_that_reads_then_writes_is_caught(self, drive: Drive) -> None:
        self.work(drive, broken_fold)

        assert not is_exact()


def broken_fold(*, now: datetime) -> int:
    """The fold as one would write it first: read the sum, add in Python, write it back."""
    uncounted = list(Credit.objects.uncounted()[:20])
    for it in uncounted:
        with transaction.atomic():
            hour = it.at.replace(minute=0, second=0, microsecond=0)
            tally, _ = Tally.objects.get_or_create(
                drive_id=it.drive_id,
                kind=it.counts_as,
                hour_at=hour,
                link_id=it.link_id,
                defaults={"partner_id": it.partner_id},
            )
            Tally.objects.filter(id=tally.id).update(value=tally.value + it.amount)
    Credit.objects.filter(id__in=[it.id for it in uncounted]).update(counted_at=now)
    return len(uncounted)


@pytest.mark.django_db(transaction=True)
class TestTheLock:
    """One folder at a time."""

    def test_a_second_folder_leaves_at_once(self, drive: Drive) -> None:
        write(drive, 2)

        with held_elsewhere(milestones.FOLD_LOCK):
            assert milestones.fold(now=LATER) == 0

        assert milestones.fold(now=LATER) == 2


@pytest.mark.parametrize("change", [{"amount": -1}, {"link_id": None}, {"reason": "nicer"}])
def test_no_line_of_the_ledger_can_be_changed(
    drive: Drive, link: ReferralLink, change: dict[str, object]
) -> None:
    write(drive, 1, link=link)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Credit.objects.update(**change)


def test_no_line_of_the_ledger_can_be_deleted(drive: Drive) -> None:
    write(drive, 1)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Credit.objects.all().delete()


def test_nobody_is_credited_twice_for_the_same(drive: Drive) -> None:
    write(drive, 1)
    same = Credit.objects.get().candidate_uuid

    with pytest.raises(DatabaseError, match="credit_once_per_candidate_and_kind"):
        write(drive, 1, candidate_uuid=same)


def test_what_was_reached_is_announced_once(drive: Drive) -> None:
    Milestone.objects.create(drive=drive, scope="day", target=2)
    Milestone.objects.create(drive=drive, scope="day", target=50)
    write(drive, 2)
    milestones.fold(now=LATER)

    assert [milestones.announce(now=LATER) for _ in range(2)] == [1, 0]

    announced = Milestone.objects.filter(announced_at=LATER)
    assert [it.target for it in announced] == [2]


def test_two_partners_do_not_mix(drive: Drive, link: ReferralLink) -> None:
    other = ReferralLink.objects.create(
        partner=Partner.objects.create(name="Example Nurses", slug="nurses"), code="nurse"
    )
    write(drive, 3, link=link)
    write(drive, 4, link=other)

    milestones.fold(now=LATER)

    sums = Tally.objects.values_list("partner__slug").annotate(Sum("value"))
    assert dict(sums) == {"teachers": 3, "nurses": 4}
