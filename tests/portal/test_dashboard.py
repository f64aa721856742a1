"""The numbers on a partner's dashboard are the ledger's, day and hour as in the drive's zone."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext

from partners import credits, dashboard, milestones
from partners.dashboard import Counts
from partners.models import Correction, Credit, Milestone, ReferralLink, VisitTally


def at(text: str) -> datetime:
    """Read a time as New York's clock shows it, with its offset: 2026-11-14T23:59-05:00."""
    return datetime.fromisoformat(text).astimezone(UTC)


DAY = at("2026-11-14T15:30-05:00")


def credit(drive, link, when, kind=Credit.Kind.SIGNED_UP, amount=1, **place):
    return Credit.objects.create(
        candidate_uuid=uuid.uuid4(),
        drive=drive,
        link=link,
        partner=link and link.partner,
        kind=kind if amount > 0 else Credit.Kind.VOIDED,
        counts_as=kind,
        amount=amount,
        at=when,
        recorded_at=when,
        **place,
    )


def visit(link, when, people):
    hour_at = when.replace(minute=0, second=0, microsecond=0)
    VisitTally.objects.create(link=link, hour_at=hour_at, raw=3 * people, bots=1, unique=people)


def read(drive, partner, now=DAY):
    milestones.fold(now=now)
    return dashboard.read(partner=partner, drive=drive, now=now)


def test_the_dashboard_says_what_a_count_over_the_ledger_says(drive, river, link, harbor_link):
    second = ReferralLink.objects.create(partner=river, code="river-bio", label="Bio")
    for minute in range(0, 4000, 37):
        credit(
            drive, (link, second, harbor_link, None)[minute % 4], DAY - timedelta(minutes=minute)
        )
        if minute % 3 == 0:
            credit(drive, second, DAY - timedelta(minutes=minute), Credit.Kind.CONFIRMED)
    credit(drive, link, DAY - timedelta(hours=2), amount=-1)

    seen = read(drive, river)

    ours = Credit.objects.filter(partner=river)
    signed_up = ours.filter(counts_as="signed_up")
    assert seen.sign_ups.total == signed_up.aggregate(n=Sum("amount"))["n"]
    assert (
        seen.confirmed.total == ours.filter(counts_as="confirmed").aggregate(n=Sum("amount"))["n"]
    )
    since = at("2026-11-14T00:00-05:00")
    today = signed_up.filter(at__gte=since).aggregate(n=Sum("amount"))["n"]
    assert (seen.sign_ups.today, sum(h.counts.sign_ups for h in seen.hours)) == (today, today)
    assert sum(day.counts.sign_ups for day in seen.days) == seen.sign_ups.total
    assert {row.code: row.counts.sign_ups for row in seen.links} == {
        it.code: signed_up.filter(link=it).aggregate(n=Sum("amount"))["n"] for it in (link, second)
    }


def test_sign_ups_that_came_by_themselves_are_on_no_dashboard(drive, river, link):
    credit(drive, None, DAY)

    assert read(drive, river).sign_ups.total == 0


def test_another_partners_people_are_not_ours(drive, river, link, harbor_link):
    credit(drive, harbor_link, DAY)
    visit(harbor_link, DAY, 5)

    seen = read(drive, river)

    assert (seen.sign_ups.total, seen.visits.total, seen.today) == (0, 0, Counts())
    assert [row.code for row in seen.links] == ["river-mail"]


def test_on_everyones_own_clock_no_midnight_is_foretold(drive, river, link):
    for minute in range(0, 240, 10):
        credit(drive, link, DAY - timedelta(minutes=minute))
    assert read(drive, river).pace

    drive.is_local_day = True

    assert read(drive, river).pace is None


def test_one_minute_before_midnight_in_new_york_is_yesterday(drive, river, link):
    credit(drive, link, at("2026-11-13T23:59-05:00"))
    credit(drive, link, at("2026-11-14T00:01-05:00"))
    credit(drive, link, at("2026-11-14T00:02-05:00"))

    seen = read(drive, river)

    assert [day.counts.sign_ups for day in seen.days[-2:]] == [1, 2]
    assert [hour.counts.sign_ups for hour in seen.hours][:2] == [2, 0]


@pytest.mark.parametrize(
    ("noon", "hours"),
    [
        ("2026-10-31T12:00-04:00", 24),
        ("2026-11-01T12:00-05:00", 25),
        ("2026-11-02T12:00-05:00", 24),
        ("2027-03-14T12:00-04:00", 23),
    ],
)
def test_a_day_has_as_many_bars_as_hours(drive, river, link, noon, hours):
    now = at(noon)
    begin, end = drive.span_of(now.astimezone(drive.zone).date())
    for when in (begin, end - timedelta(minutes=1), begin - timedelta(minutes=1), end):
        credit(drive, link, when.astimezone(UTC))

    seen = read(drive, river, now)

    assert len(seen.hours) == hours
    assert seen.is_odd_day == (hours != 24)
    assert seen.sign_ups.today == sum(hour.counts.sign_ups for hour in seen.hours) == 2


def test_today_is_compared_with_yesterday_up_to_the_last_full_hour(drive, river, link):
    for when in ("13T09:00", "13T14:59", "13T15:00", "13T22:00", "14T08:00", "14T15:10"):
        credit(drive, link, at(f"2026-11-{when}-05:00"))

    seen = read(drive, river)

    assert seen.compared_at == at("2026-11-14T15:00-05:00")
    assert seen.sign_ups.change == 1 - 2


def test_in_the_first_hour_there_is_nothing_to_compare(drive, river, link):
    seen = read(drive, river, at("2026-11-14T00:30-05:00"))

    assert (seen.compared_at, seen.sign_ups.change) == (None, None)


def test_on_the_day_a_drive_opens_there_is_no_yesterday(drive, river, link):
    drive.opens_at = at("2026-11-14T09:00-05:00")

    seen = read(drive, river)

    assert (seen.compared_at, len(seen.days)) == (None, 1)


def test_visits_before_the_drive_are_not_the_drives(drive, river, link):
    visit(link, drive.opens_at - timedelta(hours=2), 7)
    visit(link, DAY - timedelta(days=1), 3)
    visit(link, DAY, 2)

    seen = read(drive, river)

    assert (seen.visits.total, seen.visits.today) == (5, 2)
    assert seen.links[0].counts.visits == 5
    assert seen.links[0].last_arrival_at == DAY.replace(minute=0)


def test_a_link_that_is_switched_off_keeps_its_numbers(drive, river, link):
    link.switched_off_at = DAY
    link.save()
    credit(drive, link, DAY)

    (row,) = read(drive, river).links

    assert (row.is_on, row.counts.sign_ups) == (False, 1)


def test_the_goal_is_the_next_one_ahead_and_then_the_highest(drive, river, link, harbor):
    for target in (2, 4):
        Milestone.objects.create(drive=drive, partner=river, scope="cumulative", target=target)
    Milestone.objects.create(drive=drive, partner=harbor, scope="cumulative", target=1)
    for _one in range(3):
        credit(drive, link, DAY)

    ahead = read(drive, river).goal
    credit(drive, link, DAY)
    reached = read(drive, river).goal

    assert (ahead.target, ahead.percent, ahead.to_go, ahead.reached_at) == (4, 75, 1, None)
    assert (reached.target, reached.percent, reached.to_go) == (4, 100, 0)
    assert reached.reached_at is not None


def test_numbers_that_lag_say_since_when(drive, river, link):
    credit(drive, link, DAY - timedelta(minutes=5))

    late = dashboard.read(partner=river, drive=drive, now=DAY)
    caught_up = read(drive, river)

    assert (late.is_late, late.as_of) == (True, DAY - timedelta(minutes=5))
    assert (caught_up.is_late, caught_up.as_of) == (False, DAY)


@pytest.mark.parametrize("how_many", [1, 3])
def test_more_links_cost_no_more_queries(drive, river, link, how_many):
    for number in range(1, how_many):
        ReferralLink.objects.create(partner=river, code=f"more-{number}", label="More")
    for each in river.links.all():
        credit(drive, each, DAY)
        visit(each, DAY, 1)
    milestones.fold(now=DAY)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        dashboard.read(partner=river, drive=drive, now=DAY)

    assert len(queries) == 8


def test_every_day_of_the_month_begins_and_ends_at_its_own_midnight(drive, river, link):
    for back in range(1, 30):
        begin, end = drive.span_of(DAY.date() - timedelta(days=back))
        for when in (begin, *[end - timedelta(minutes=1)] * back):
            credit(drive, link, when.astimezone(UTC))
        visit(link, begin.astimezone(UTC), back)

    days = read(drive, river).days

    assert [day.counts.sign_ups for day in days] == [back + 1 for back in range(29, 0, -1)] + [0]
    assert [day.counts.visits for day in days] == [*range(29, 0, -1), 0]


def test_each_channel_adds_up_its_links_and_own_words_count_in_any_case(drive, river, link):
    for code, channel, name in (
        ("mail-3", "email", ""),
        ("pod-1", "other", "Podcast"),
        ("pod-2", "other", "podcast"),
    ):
        ReferralLink.objects.create(
            partner=river, code=code, label=code, channel=channel, channel_name=name
        )
    for each in river.links.all():
        credit(drive, each, DAY)
        visit(each, DAY, 4)
    credit(drive, link, DAY)

    seen = read(drive, river).channels

    assert [(it.name, it.links, it.counts.visits, it.counts.sign_ups) for it in seen] == [
        ("E-mail", 2, 8, 3),
        ("podcast", 2, 8, 2),
    ]


def test_the_dashboard_shows_the_states_and_offices_that_may_be_shown(drive, river, link):
    for number in range(9):
        state, office = ("OH", "council") if number < 7 else ("WY", "")
        credit(drive, link, DAY, state=state, office=office)

    seen = read(drive, river).breakdown

    assert [(it.name, it.at_least) for it in seen.states] == [("OH", 5)]
    assert [(it.name, it.at_least) for it in seen.offices] == [("council", 5)]


def test_a_partner_is_told_why_its_count_changed_and_of_nobody_elses(drive, river, link, harbor):
    theirs = ReferralLink.objects.create(partner=harbor, code="harbor-1", label="Harbor")
    more = ReferralLink.objects.create(partner=river, code="more-1", label="More")
    lines = [credit(drive, it, DAY) for it in (link, link, link, theirs)]
    first, second, third, other = [it.candidate_uuid for it in lines]
    said = {"reason": "x", "author": None}
    twice, wrong = Correction.Cause.DUPLICATE, Correction.Cause.WRONG_LINK
    at = [DAY + timedelta(minutes=it) for it in range(4)]

    credits.void(candidate_uuids=[first, second, other], cause=twice, **said, now=at[0])
    credits.reassign(candidate_uuids=[third], link=theirs, cause=wrong, **said, now=at[1])
    credits.reassign(candidate_uuids=[third], link=link, cause=wrong, **said, now=at[2])
    credits.reassign(candidate_uuids=[third], link=more, cause=wrong, **said, now=at[3])

    told = [(it.at, it.change, it.cause) for it in read(drive, river).corrected]
    assert told == [(at[2], 1, "wrong_link"), (at[1], -1, "wrong_link"), (at[0], -2, "duplicate")]


def test_no_more_than_the_last_five_corrections_are_told(drive, river, link):
    for number in range(7):
        line = credit(drive, link, DAY)
        credits.void(
            candidate_uuids=[line.candidate_uuid], reason="x", author=None,
            now=DAY + timedelta(minutes=number),
        )  # fmt: skip

    told = [it.at for it in read(drive, river).corrected]

    assert told == [DAY + timedelta(minutes=it) for it in (6, 5, 4, 3, 2)]
