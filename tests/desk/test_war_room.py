"""The war room: what is wrong stands above what is well, and nobody's name is on the page."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from candidates import war_room
from candidates.war_room import looking, troubles
from partners import drives, milestones
from partners.models import Drive, Milestone, StateTally, Tally
from recruit import errors
from recruit.errors import Failures, Kind
from recruit.queues import Queue
from tests.partners.test_folding import write

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis")]
PAGE = reverse("admin:candidates_war_room")


@pytest.fixture(autouse=True)
def _nothing_kept():
    war_room.looking.forget()
    errors._Rest.until = 0.0


@pytest.fixture
def room(now):
    """The war room of a quiet noon: `room(per_minute=0)` is one in which something differs."""

    def make(**fields):
        return replace(looking.read(now=now), **fields)

    return make


@pytest.fixture
def drive(db, now) -> Drive:
    made = Drive.objects.create(
        name="Office Day", slug="day", day_on=now.date(), opens_at=now - timedelta(days=30)
    )
    Milestone.objects.create(drive=made, scope="day", target=2_400)
    return made


CAME = {"signed_up": 20}


def words(room):
    return [it.words for it in troubles.find(room)]


def test_a_quiet_hour_has_no_trouble(room, drive):
    assert words(room(came=CAME)) == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"failures": None}, "Redis is away."),
        ({"failures": Failures(errors=1)}, "1 page failed in the last 10 minutes."),
        (
            {"failures": Failures(away=30)},
            "30 requests could not be served in the last 10 minutes.",
        ),
        ({"failures": Failures(tasks=2)}, "2 tasks of a worker failed in the last 10 minutes."),
        ({"drifted": 2}, "2 numbers had drifted from the ledger, and were repaired."),
        ({"came": {}}, "Nobody has signed up for 10 minutes."),
    ],
)
def test_each_trouble_is_said(room, drive, fields, said):
    assert words(room(**{"came": CAME} | fields)) == [said]


class TestWhereOnlyWhoConfirmsCounts:
    @pytest.fixture
    def drive(self, drive) -> Drive:
        drive.counts = Drive.Counts.CONFIRMED
        drive.save()
        drives.forget()
        return drive

    def test_people_who_sign_up_and_do_not_confirm_are_told_as_that(self, drive, now):
        for minute in range(1, 10):
            write(drive, 20, at=now - timedelta(minutes=minute))
        milestones.fold(now=now)

        assert words(looking.read(now=now)) == [
            "Nobody has confirmed for 10 minutes, in which 180 people signed up."
        ]

    @pytest.mark.usefixtures("drive")
    def test_failures_are_held_against_who_signed_up(self, room):
        came = {"signed_up": 200, "confirmed": 3}

        assert words(room(came=came, failures=Failures(away=2))) == []

    def test_who_confirms_what_came_before_hides_no_silence(self, drive, now):
        write(drive, 9, at=now - timedelta(minutes=5), kind="confirmed", counts_as="confirmed")
        milestones.fold(now=now)

        assert words(looking.read(now=now)) == ["Nobody has signed up for 10 minutes."]


def test_a_door_tells_who_came_and_who_of_them_confirmed(lead, drive, now, sam, desk_of):
    lead("Ada", signed_up_at=now, confirmed_at=now)
    lead("Bo", signed_up_at=now)

    assert looking.read(now=now).doors == [("sign-up form", 2, 1)]


def test_one_request_in_a_hundred_that_met_a_restart_is_no_trouble(room, drive):
    assert words(room(came={"signed_up": 200}, failures=Failures(away=2))) == []


def test_a_night_without_sign_ups_is_no_trouble(room, drive):
    Milestone.objects.update(target=240)

    assert words(room(came={})) == []


def test_a_sign_up_in_no_total_and_a_queue_that_nobody_empties_are_said(room, drive, now):
    late = [Queue("mail", 3, now - timedelta(seconds=90)), Queue("bulk", 5, now)]
    found = words(room(came=CAME, uncounted_at=now - timedelta(seconds=42), queues=late))

    assert found == [
        "A sign-up has waited for 42 seconds to be counted.",
        "Nobody has taken anything from the queue “mail” for a minute.",
    ]


def test_the_page_shows_the_day_and_what_is_wrong_first(lead, drive, sam, desk_of):
    lead("Ada", signed_up_at=timezone.now())
    milestones.fold(now=timezone.now())
    errors.note(Kind.ERROR)

    answer = desk_of(sam).get(PAGE)

    assert answer.headers["Refresh"] == "10"
    assert answer.text.index("1 page failed") < answer.text.index("Hands raised")
    assert "Example Voters" in answer.text
    assert "Ada" not in answer.text
    assert "Refresh" not in desk_of(sam).get(PAGE, {"still": ""}).headers


def test_without_redis_the_page_is_there(drive, sam, desk_of, redis_away):
    assert "Redis is away." in desk_of(sam).get(PAGE).text


def test_who_may_not_see_leads_does_not_get_in(drive, robin, desk_of):
    assert desk_of(robin).get(PAGE).status_code == 403


def test_of_several_days_it_shows_the_one_that_is_on(drive, now, sam, desk_of):
    drive.day_on, drive.last_day_on = now.date() - timedelta(days=1), now.date()
    drive.save()
    for hours, value in ((-20, 50), (-3, 4), (-2, 4), (-1, 4)):
        Tally.objects.create(
            drive=drive, kind="signed_up", hour_at=now + timedelta(hours=hours), value=value
        )
    StateTally.objects.create(drive=drive, kind="signed_up", day_on=drive.day_on, value=62)

    room = looking.read(now=now)

    assert (room.on, room.totals.today) == (now.date(), 62)
    assert sum(it.count for it in room.day.hours) == 12
    assert room.day.by_now(now)[1] < 1_200
    assert room.forecast.ends_at == drive.span[1]
    assert room.forecast.likely == 12 + 4 * 12


def test_on_everyones_own_clock_nothing_is_foretold(drive, now, sam, desk_of):
    drive.is_local_day = True
    drive.save()
    for hours in (1, 2, 3):
        Tally.objects.create(
            drive=drive, kind="signed_up", hour_at=now - timedelta(hours=hours), value=40
        )

    room = looking.read(now=now)

    assert (room.forecast, room.hindsight) == (None, [])
    Drive.objects.update(day_on=timezone.localdate())
    drives.forget()
    assert "nothing is foretold" in desk_of(sam).get(PAGE).text


def test_any_number_of_people_watch_at_the_price_of_one(lead, drive, now):
    lead("Ada")
    with CaptureQueriesContext(connection) as first:
        war_room.look(now=now)
    with CaptureQueriesContext(connection) as second:
        war_room.look(now=now)

    assert len(first) <= 18
    assert len(second) == 0
    war_room.looking._kept.forget()
    with CaptureQueriesContext(connection) as later:
        war_room.look(now=now)
    assert not any('"door"' in it["sql"] for it in later.captured_queries)
