"""By state and by office: no two views, and no view against the totals, tell of fewer than five."""

import uuid
from collections import Counter
from datetime import UTC, datetime
from itertools import combinations

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from partners import breakdowns, milestones
from partners.models import BreakdownTally, Credit, Tally

NOW = datetime(2026, 11, 14, 20, 30, tzinfo=UTC)
STATES, OFFICES = ["OH", "PA", "WY", ""], ["council", "mayor", ""]


def credit(drive, link, state="OH", office="council", amount=1, counts_as="signed_up"):
    return Credit.objects.create(
        candidate_uuid=uuid.uuid4(),
        drive=drive,
        link=link,
        partner=link and link.partner,
        kind=counts_as if amount > 0 else "voided",
        counts_as=counts_as,
        amount=amount,
        state=state,
        office=office,
        at=NOW,
        recorded_at=NOW,
    )


def people(drive, link, state, how_many, amount=1):
    for _one in range(how_many):
        credit(drive, link, state, amount=amount)
    milestones.fold(now=NOW)


def seen(drive, partner):
    return breakdowns.read(partner=partner, drive=drive)


def states(drive, partner):
    return {it.name: it.at_least for it in seen(drive, partner).states}


def test_four_people_of_a_state_are_not_named_and_five_are(drive, river, link):
    people(drive, link, "OH", 4)
    assert states(drive, river) == {}

    people(drive, link, "OH", 1)
    assert states(drive, river) == {"OH": 5}


def test_what_is_shown_moves_when_five_more_have_come(drive, river, link):
    people(drive, link, "OH", 9)
    people(drive, link, "OH", 4)
    assert states(drive, river) == {"OH": 5}

    people(drive, link, "PA", 1)
    assert states(drive, river) == {"OH": 10}


def test_whoever_changes_their_office_and_no_state_moves_only_the_offices(drive, river, link):
    for office in ("council", "mayor"):
        for _one in range(7):
            credit(drive, link, "OH", office)
    milestones.fold(now=NOW)
    for _one in range(3):
        credit(drive, link, "OH", "council", amount=-1)
        credit(drive, link, "OH", "mayor")
    milestones.fold(now=NOW)

    told = seen(drive, river)

    assert [(it.name, it.at_least) for it in told.offices] == [("mayor", 10)]
    assert [(it.name, it.at_least) for it in told.states] == [("OH", 10)]


def test_only_sign_ups_of_this_partner_are_broken_down(drive, river, link, harbor_link):
    for _one in range(5):
        credit(drive, link, counts_as="confirmed")
        credit(drive, harbor_link)
        credit(drive, None)
    milestones.fold(now=NOW)

    assert seen(drive, river) == breakdowns.Breakdown()
    assert states(drive, harbor_link.partner) == {"OH": 5}


def test_people_who_named_no_state_are_never_a_line_of_their_own(drive, river, link):
    people(drive, link, "", 50)

    assert states(drive, river) == {}


def test_a_reassigned_credit_leaves_one_partner_and_comes_to_the_other(
    drive, river, link, harbor_link
):
    people(drive, link, "OH", 10)
    people(drive, link, "OH", 5, amount=-1)
    people(drive, harbor_link, "OH", 5)

    assert states(drive, river) == states(drive, harbor_link.partner) == {"OH": 5}


STEPS = st.lists(
    st.tuples(
        st.sampled_from(STATES),
        st.sampled_from(OFFICES),
        st.sampled_from([1, 1, 1, -1]),
        st.integers(1, 4),
        st.sampled_from(["fold", "fold", "wait", "recount"]),
    ),
    max_size=30,
)
WITH_DATABASE = settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def play(drive, link, steps):
    """Live through the steps; return each moment's view, with the total that stood beside it."""
    there: Counter[tuple[str, str]] = Counter()
    for state, office, amount, times, then in steps:
        for _one in range(times):
            if amount > 0 or there[state, office] > 0:
                there[state, office] += amount
                credit(drive, link, state, office, amount)
        if then == "fold":
            milestones.fold(now=NOW)
        elif then == "recount":
            assert milestones.recount(now=NOW) == 0
        total = Tally.objects.filter(partner=link.partner).aggregate(n=Sum("value"))["n"] or 0
        yield seen(drive, link.partner), total


def rows(dimension):
    cells = BreakdownTally.objects.filter(dimension=dimension)
    return {it.name: (it.value, it.published) for it in cells}


@WITH_DATABASE
@given(steps=STEPS)
def test_any_two_views_differ_by_nothing_or_by_five_and_more(drive, link, steps):
    with transaction.atomic():
        views = [view for view, _total in play(drive, link, steps)]

        for one, other in combinations(views, 2):
            for dimension in ("states", "offices"):
                old = Counter({it.name: it.at_least for it in getattr(one, dimension)})
                new = Counter({it.name: it.at_least for it in getattr(other, dimension)})
                apart = [abs(old[name] - new[name]) for name in old | new]
                assert all(it == 0 or it >= 5 for it in apart)
        transaction.set_rollback(True)


@WITH_DATABASE
@given(steps=STEPS)
def test_no_view_moves_before_five_people_have(drive, link, steps):
    with transaction.atomic():
        published = {"state": Counter(), "office": Counter()}
        for _moment in play(drive, link, steps):
            for dimension, before in published.items():
                after = Counter({name: it[1] for name, it in rows(dimension).items()})
                moved = sum(abs(after[name] - before[name]) for name in after.keys() | before)
                assert moved == 0 or moved >= breakdowns.MOVED
                published[dimension] = after
        transaction.set_rollback(True)


@WITH_DATABASE
@given(steps=STEPS)
def test_no_small_cell_is_known_from_the_view_and_the_total_beside_it(drive, link, steps):
    """The same view and total fit a ledger in which nobody of that cell is there: they named none.

    So whoever reads both cannot tell a cell of 1 to 4 from an empty one.
    """
    with transaction.atomic():
        for view, total in play(drive, link, steps):
            assert sum(it.at_least for it in view.states) <= total + breakdowns.MOVED - 1
            for it in BreakdownTally.objects.filter(published__range=(1, 4)).exclude(name=""):
                with transaction.atomic():
                    rest = {"drive": drive, "partner": link.partner, "dimension": it.dimension}
                    BreakdownTally.objects.get_or_create(**rest, name="")
                    for cell, by in ((it.name, -it.published), ("", it.published)):
                        one = BreakdownTally.objects.get(**rest, name=cell)
                        one.published += by
                        one.save()
                    assert seen(drive, link.partner) == view
                    transaction.set_rollback(True)
        transaction.set_rollback(True)


@WITH_DATABASE
@given(steps=st.lists(st.sampled_from(STATES), max_size=40))
def test_a_state_that_stays_small_leaves_no_trace_in_all_the_views(drive, link, steps):
    """Not in one view and not in their whole course: as if its people had named no state."""

    def course(names):
        with transaction.atomic():
            plan = [(name, "council", 1, 1, "fold") for name in names]
            told = list(play(drive, link, plan))
            transaction.set_rollback(True)
        return told

    small = [name for name, count in Counter(steps).items() if name and count < breakdowns.STEP]

    for hidden in small:
        assert course(steps) == course(["" if name == hidden else name for name in steps])


@WITH_DATABASE
@given(steps=STEPS)
def test_cells_are_the_sums_of_their_lines(drive, link, steps):
    with transaction.atomic():
        list(play(drive, link, steps))
        milestones.fold(now=NOW)

        lines: dict[str, Counter[str]] = {"state": Counter(), "office": Counter()}
        for it in Credit.objects.all():
            lines["state"][it.state] += it.amount
            lines["office"][it.office] += it.amount
        for dimension, counted in lines.items():
            told = {name: value for name, (value, _shown) in rows(dimension).items()}
            assert told == dict(counted)
        assert milestones.drift() == []
        transaction.set_rollback(True)


@pytest.mark.parametrize("dimension", ["state", "office"])
def test_a_cell_that_drifted_is_found_and_repaired(drive, river, link, dimension, caplog):
    people(drive, link, "OH", 12)
    BreakdownTally.objects.filter(dimension=dimension).update(value=3)

    (found,) = milestones.drift()

    assert (found.dimension, found.told, found.counted) == (dimension, 3, 12)
    assert milestones.recount(now=NOW) == 1
    assert milestones.drift() == []
    assert "drifted" in caplog.text


def test_breakdowns_that_were_lost_come_back_from_the_ledger(drive, river, link):
    people(drive, link, "OH", 12)
    people(drive, link, "PA", 3)
    BreakdownTally.objects.all().delete()

    assert milestones.recount(now=NOW) == 3

    assert states(drive, river) == {"OH": 10}
