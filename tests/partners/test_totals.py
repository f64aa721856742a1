"""The numbers that anyone may see."""

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from partners import credits, milestones, recent, totals
from partners.models import Credit, Drive, Milestone, ReferralLink, User
from partners.recent import Latest
from recruit import memory
from tests.conftest import NOON
from tests.partners.test_folding import write


@pytest.fixture
def goals(drive: Drive) -> None:
    for scope, target in (("day", 500), ("day", 2_000), ("cumulative", 15_000)):
        Milestone.objects.create(drive=drive, scope=scope, target=target)


def test_today_and_in_all(drive: Drive, goals: None, link: ReferralLink) -> None:
    write(drive, 4, at=NOON - timedelta(days=1))
    write(drive, 2)
    write(drive, 3, link=link)
    milestones.fold(now=NOON)

    now = totals.read(drive=drive, now=NOON + timedelta(minutes=1))

    assert (now.today, now.cumulative, now.baseline) == (5, 12_985 + 9, 12_985)
    assert (now.day_goal, now.cumulative_goal) == (2_000, 15_000)
    assert (now.day_percent, now.cumulative_percent) == (0, 86)
    assert now.partners == (("Example Teachers Alliance", 3),)
    assert (len(now.minutes), sum(count for _, count in now.minutes)) == (60, 5)


@pytest.mark.parametrize(("days", "phase"), [(-1, "before"), (0, "today"), (1, "after")])
def test_before_today_and_after(drive: Drive, days: int, phase: str) -> None:
    assert totals.read(drive=drive, now=NOON + timedelta(days=days)).phase == phase


@pytest.mark.parametrize(("instant", "phase"), [(-1, "before"), (0, "today")])
def test_the_day_begins_with_its_midnight(drive: Drive, instant: int, phase: str) -> None:
    begin, _end = drive.span_of(drive.day_on)

    assert totals.read(drive=drive, now=begin + timedelta(microseconds=instant)).phase == phase


@pytest.mark.parametrize(("instant", "phase"), [(-1, "today"), (0, "after")])
def test_the_day_ends_with_its_midnight(drive: Drive, instant: int, phase: str) -> None:
    _begin, end = drive.span_of(drive.day_on)

    assert totals.read(drive=drive, now=end + timedelta(microseconds=instant)).phase == phase


def test_at_midnight_a_page_says_the_day_is_over_as_soon_as_it_is_read_anew(
    drive: Drive, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is kept from before is of one moment in all its parts."""
    write(drive, 4)
    milestones.fold(now=NOON)
    midnight, since = drive.span[1], iter((-0.5, 0.4, 2.0))

    def pages() -> tuple[str, str, int]:
        seconds = next(since)
        monkeypatch.setattr(timezone, "now", lambda: midnight + timedelta(seconds=seconds))
        monkeypatch.setattr(memory, "time", SimpleNamespace(monotonic=lambda: 1000 + seconds))
        feed, live = client.get("/totals.json").json(), client.get("/live/").content.decode()
        said = re.search(r"<dt>(Hands raised [^<]*)</dt>", live)
        return feed["phase"], said[1], feed["today"]["count"]

    before = ("today", "Hands raised today", 4)
    assert pages() == before
    write(drive, 1, at=midnight - timedelta(microseconds=1))
    write(drive, 1, at=midnight)
    milestones.fold(now=midnight)
    assert pages() == before
    assert pages() == ("after", "Hands raised on November 14", 5)


def test_what_is_not_confirmed_does_not_count_where_confirmed_ones_count(drive: Drive) -> None:
    drive.counts = Drive.Counts.CONFIRMED
    drive.save()
    write(drive, 3)
    write(drive, 1, kind="confirmed", counts_as="confirmed")
    milestones.fold(now=NOON)

    assert totals.read(drive=drive, now=NOON).today == 1


def test_the_cost_does_not_grow_with_candidates(
    drive: Drive, goals: None, django_assert_num_queries
) -> None:
    for number in (1, 50):
        write(drive, number)
        milestones.fold(now=NOON)
        totals.forget()
        with django_assert_num_queries(5):
            totals.read(drive=drive, now=NOON)
        with django_assert_num_queries(4):
            totals.read(drive=drive, now=NOON)


def test_while_postgresql_is_away_the_last_numbers_stay(drive: Drive, monkeypatch) -> None:
    before = totals.public(now=NOON)
    totals._kept.expire()

    def away(**_: object) -> None:
        raise OperationalError

    monkeypatch.setattr(totals, "read", away)

    assert totals.public(now=NOON + timedelta(hours=1)) == before


def test_a_voided_sign_up_leaves_the_day_it_was_on(drive: Drive) -> None:
    write(drive, 2)
    void = Credit.objects.last()
    write(
        drive,
        1,
        candidate_uuid=void.candidate_uuid,
        kind="voided",
        counts_as="signed_up",
        amount=-1,
        recorded_at=NOON + timedelta(days=3),
    )
    milestones.fold(now=NOON + timedelta(days=3))

    assert totals.read(drive=drive, now=NOON + timedelta(days=3)).today == 1


def test_the_latest_partner_is_the_one_of_the_last_counted_line(
    drive: Drive, link: ReferralLink
) -> None:
    write(drive, 1, link=link, at=NOON - timedelta(seconds=12))
    write(drive, 2)
    milestones.fold(now=NOON)
    write(drive, 1, link=link)  # not counted yet

    latest = totals.read(drive=drive, now=NOON).latest

    assert latest == Latest("Example Teachers Alliance", NOON - timedelta(seconds=12))


def test_nobody_is_the_latest_who_came_before_the_lines_that_are_looked_at(
    drive: Drive, link: ReferralLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recent, "LINES_LOOKED_AT", 2)
    write(drive, 1, link=link)
    write(drive, 2)
    milestones.fold(now=NOON)

    assert recent.latest(drive=drive) is None


@pytest.mark.parametrize("deed", ["voided", "moved"])
def test_no_partner_is_named_for_who_counts_for_it_no_longer(
    drive: Drive, link: ReferralLink, staffer: User, deed: str
) -> None:
    write(drive, 1, link=link)
    words = {"reason": "a joke", "author": staffer, "now": NOON}
    theirs = {"candidate_uuids": [Credit.objects.get().candidate_uuid], **words}
    if deed == "voided":
        credits.void(**theirs)
    else:
        credits.reassign(link=None, **theirs)
    milestones.fold(now=NOON)

    now = totals.read(drive=drive, now=NOON)

    assert (now.latest, now.partners) == (None, ())


def test_the_one_before_is_the_latest_until_the_last_is_given_back(
    drive: Drive, link: ReferralLink, staffer: User
) -> None:
    before = NOON - timedelta(minutes=9)
    write(drive, 1, link=link, at=before)
    write(drive, 1, link=link)
    words = {"reason": "a joke", "author": staffer, "now": NOON}
    last = {"candidate_uuids": [Credit.objects.last().candidate_uuid], **words}

    credits.void(**last)
    milestones.fold(now=NOON)
    voided = recent.latest(drive=drive)
    credits.restore(**last)
    milestones.fold(now=NOON)
    restored = recent.latest(drive=drive)

    assert [it and it.at for it in (voided, restored)] == [before, NOON]
