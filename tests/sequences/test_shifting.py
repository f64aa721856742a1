"""A step gets another time: the mail of all who wait at it moves, once, and nobody's is lost."""

import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from candidates import editing, hours, sequences, signup, triage, zones
from candidates.followups import claiming, sending, shifting
from candidates.models import Candidate, FollowUp, Lane, Sequence, Step
from candidates.models.candidates import Stage
from candidates.signup import Answers
from partners.models import Drive, User
from tests import mails
from tests.conftest import NOON, SignUp
from tests.sequences.conftest import DAY, HOUR
from tests.sink import Sink

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(call: Sequence, confirmed: Candidate, staffer: User) -> FollowUp:
    """The second mail after the call, due to Ada tomorrow at noon; she got the first."""
    move_on(staffer, confirmed)
    mails.send_due(clock=lambda: NOON)
    return theirs(confirmed, "two")


def move_on(staffer: User, *people: Candidate) -> None:
    ids = [it.pk for it in people]
    triage.move(candidate_ids=ids, to_stage=Stage.INTRO_CALL, author=staffer, now=NOON)


def theirs(candidate: Candidate, name: str) -> FollowUp:
    return candidate.followups.get(step__name=name, step__sequence__slug="call")


def delay(name: str, by: timedelta, *, now: datetime = NOON, slug: str = "call") -> int:
    step = Step.objects.select_related("sequence").get(sequence__slug=slug, name=name)
    step.delay = by
    return editing.save_step(step=step, now=now)


def due(followup: FollowUp) -> datetime:
    followup.refresh_from_db()
    return followup.due_at


def test_who_waits_gets_it_at_the_new_time(two: FollowUp, sink: Sink) -> None:
    assert delay("two", 1.5 * DAY) == 1
    assert due(two) == NOON + 1.5 * DAY

    mails.send_due(clock=lambda: NOON + DAY)
    two.refresh_from_db()
    assert two.state == "due"
    mails.send_due(clock=lambda: NOON + 1.5 * DAY)
    two.refresh_from_db()
    assert (two.state, two.sent_at) == ("sent", NOON + 1.5 * DAY)


@pytest.mark.parametrize("by", [HOUR, DAY + 5 * HOUR, 1.5 * DAY], ids=str)
def test_it_leaves_in_polite_hours_where_each_reader_lives(
    two: FollowUp, sign_up: SignUp, ada: Answers, staffer: User, by: timedelta
) -> None:
    for number, zip_code in enumerate(("10001", "90001", "96801", "96910", "00501")):
        person = sign_up(replace(ada, zip_code=zip_code, email=f"p{number}@example.org"))
        signup.confirm(candidate_id=person.id, now=NOON)
        FollowUp.objects.create(
            candidate=person, step=two.step, lane=1, anchor_at=NOON, due_at=NOON + DAY
        )
    Step.objects.filter(pk=two.step_id).update(polite_from=9, polite_until=17)

    delay("two", by)

    for row in FollowUp.objects.filter(step=two.step).select_related("candidate"):
        zone = zones.zone_of(row.candidate.zip_code)
        assert row.due_at == hours.polite(at=NOON + by, zone=zone, from_hour=9, until_hour=17)


def polite_in_bulk(
    moments: list[tuple[str, datetime]], first: int | None, last: int | None
) -> list[datetime]:
    places, times = zip(*moments, strict=True)
    rows = (
        "WITH waiting AS (SELECT * FROM unnest(%(ids)s::int[], %(times)s::timestamptz[],"
        " %(zones)s::text[], %(times)s::timestamptz[]) AS it (id, due_at, zone, at)) "
    )
    given = {"ids": list(range(len(times))), "times": list(times), "zones": list(places)}
    with connection.cursor() as cursor:
        query = f"{rows} SELECT due_at FROM ({shifting.POLITE}) AS it ORDER BY id"
        cursor.execute(query, given | {"first": first, "last": last})
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.parametrize("span", [(8, 20), (0, 24), (3, 4), (23, 24), (12, 13)], ids=str)
@pytest.mark.parametrize("day", ["2026-03-08", "2026-11-01", "2026-07-04"])
def test_all_at_once_are_as_polite_as_one_by_one(day: str, span: tuple[int, int]) -> None:
    """In every zone, each half hour of three days around each change of the clocks."""
    names = sorted({zones.zone_of(f"{number:03}").key for number in range(1_000)})
    begin = datetime.fromisoformat(day).replace(tzinfo=UTC) - DAY
    moments = [(name, begin + half * HOUR / 2) for name in names for half in range(144)]

    found = polite_in_bulk(moments, *span)

    assert found == [
        hours.polite(at=at, zone=ZoneInfo(name), from_hour=span[0], until_hour=span[1])
        for name, at in moments
    ]
    assert polite_in_bulk(moments[:3], None, None) == [at for _name, at in moments[:3]]


def test_what_would_be_past_is_due_now(two: FollowUp) -> None:
    now = NOON + 20 * HOUR

    delay("two", HOUR, now=now)

    assert due(two) == now


def test_what_follows_a_late_mail_stays_as_far_behind_it_as_the_steps_are_apart(
    two: FollowUp, confirmed: Candidate, sink: Sink
) -> None:
    late = NOON + 5 * DAY
    mails.send_due(clock=lambda: late)

    delay("three", 1.5 * DAY, now=late)

    assert due(theirs(confirmed, "three")) == late + 0.5 * DAY


def confirmation(candidate: Candidate, sent_at: datetime) -> FollowUp:
    mails.send_due(clock=lambda: sent_at)
    return mails.of(candidate, mails.REMIND)


def test_before_they_confirmed_there_is_one_mail_in_24_hours(
    sign_up: SignUp, ada: Answers, sink: Sink
) -> None:
    reminder = confirmation(sign_up(ada), NOON + 10 * HOUR)
    Step.objects.filter(pk=reminder.step_id).update(polite_from=None, polite_until=None)

    delay("First reminder", DAY, slug="confirmation", now=NOON + 11 * HOUR)

    assert due(reminder) == NOON + 34 * HOUR


def test_a_reminder_that_was_removed_counts_among_the_mails_of_24_hours(
    sign_up: SignUp, ada: Answers, sink: Sink
) -> None:
    candidate = sign_up(ada)
    reminder = confirmation(candidate, NOON)
    mails.send_due(clock=lambda: NOON + 2 * DAY)
    editing.remove(step=reminder.step, now=NOON + 2 * DAY)

    delay("Last reminder", 2.5 * DAY, slug="confirmation", now=NOON + 2.1 * DAY)

    last = candidate.followups.get(step__name="Last reminder")
    assert last.due_at == NOON + 3 * DAY


def test_who_came_back_keeps_the_reminder_that_comes_sooner(
    sign_up: SignUp, ada: Answers, sink: Sink
) -> None:
    candidate = sign_up(ada)
    reminder = confirmation(candidate, NOON)
    FollowUp.objects.filter(pk=reminder.pk).update(due_at=NOON + 26 * HOUR)  # they signed up again
    Step.objects.filter(pk=reminder.step_id).update(polite_from=None, polite_until=None)

    delay("First reminder", 3 * DAY, slug="confirmation", now=NOON + 2 * HOUR)

    assert due(reminder) == NOON + 26 * HOUR


@pytest.mark.parametrize(
    "hand",
    [
        {"leased_until": NOON + HOUR},
        {"state": "sending", "leased_until": NOON + HOUR},
        {"state": "sending", "leased_until": NOON - HOUR},
        {"attempts": 2},
        {"state": "failed"},
        {"state": "needless"},
    ],
    ids=str,
)
def test_what_is_in_hand_tried_or_over_keeps_its_time(
    two: FollowUp, hand: dict[str, object]
) -> None:
    FollowUp.objects.filter(pk=two.pk).update(**hand)

    assert delay("two", 1.5 * DAY) == 0
    assert due(two) == NOON + DAY


def test_a_lease_that_ran_out_is_in_nobodys_hands(two: FollowUp) -> None:
    FollowUp.objects.filter(pk=two.pk).update(leased_until=NOON - HOUR)

    assert delay("two", 1.5 * DAY) == 1


def test_what_is_held_moves_and_stays_held(two: FollowUp, call: Sequence) -> None:
    editing.switch_off(sequence=call)

    assert delay("two", 1.5 * DAY) == 1

    assert due(two) == NOON + 1.5 * DAY
    assert (two.state, two.why) == ("held", "switched_off")


def test_nothing_else_moves(two: FollowUp, confirmed: Candidate) -> None:
    others = FollowUp.objects.exclude(pk=two.pk).order_by("pk")
    before = list(others.values())

    delay("two", 1.5 * DAY)
    delay("one", HOUR)

    assert list(others.values()) == before
    assert due(two) == NOON + 1.5 * DAY


def test_saving_anything_but_the_delay_moves_nobody(two: FollowUp) -> None:
    FollowUp.objects.filter(pk=two.pk).update(due_at=NOON + 9 * HOUR)
    step = Step.objects.select_related("sequence").get(pk=two.step_id)
    step.name = "second"

    assert editing.look(step=step, now=NOON) is None
    assert editing.save_step(step=step, now=NOON) == 0
    assert due(two) == NOON + 9 * HOUR


def test_the_look_says_what_saving_would_do_and_does_nothing(two: FollowUp, call: Sequence) -> None:
    step = Step.objects.select_related("sequence").get(pk=two.step_id)
    step.delay = 1.5 * DAY

    seen = editing.look(step=step, now=NOON)

    assert seen == editing.Shift(1, *[NOON + DAY] * 2, *[NOON + 1.5 * DAY] * 2)
    assert due(two) == NOON + DAY
    assert Step.objects.get(pk=step.pk).delay == DAY
    assert editing.save_step(step=step, now=NOON) == 1
    assert editing.look(step=step, now=NOON) is None


# Beside workers


@pytest.fixture
def many(transactional_db: None, _what_ships: None, drive: Drive, sign_up: SignUp, ada: Answers,
         call: Sequence, staffer: User) -> Iterator[set[str]]:  # fmt: skip
    """Sixty people who wait at the first mail after the call."""
    people = [sign_up(replace(ada, email=f"ada{number}@example.org")) for number in range(60)]
    for person in people:
        signup.confirm(candidate_id=person.id, now=NOON)
    move_on(staffer, *people)
    yield {it.email for it in people}
    sequences.forget()


@pytest.mark.django_db(transaction=True)
def test_what_another_has_in_hand_is_not_waited_for(
    many: set[str], call: Sequence, no_waiting: None
) -> None:
    rows = FollowUp.objects.filter(step__sequence=call)
    taken = rows.earliest("pk")
    with closing(connection.copy()) as other, other.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT FROM candidates_followup WHERE id = %s FOR UPDATE", [taken.pk])

        assert delay("one", 2 * HOUR) == len(many) - 1

        cursor.execute("ROLLBACK")
    assert due(taken) == NOON
    assert rows.filter(due_at=NOON + 2 * HOUR).count() == len(many) - 1


@pytest.mark.django_db(transaction=True)
def test_a_time_that_changes_while_workers_send_loses_nothing_and_repeats_nothing(
    many: set[str], sink: Sink
) -> None:
    is_over = threading.Event()

    def work() -> None:
        while not is_over.is_set():
            sending.send_due(lane=Lane.BULK, clock=lambda: NOON)
        connection.close()

    workers = [threading.Thread(target=work) for _number in range(2)]
    for it in workers:
        it.start()
    try:
        for turn in range(24):
            delay("one", HOUR if turn % 2 else timedelta(0))
    finally:
        is_over.set()
        for it in workers:
            it.join()
    mails.send_due(clock=lambda: NOON + HOUR)

    arrived = [it.recipients[0] for it in sink.received if it.message["Subject"] == "About one"]
    assert sorted(arrived) == sorted(many)


def test_what_was_claimed_leaves_and_is_not_begun_twice(two: FollowUp) -> None:
    (mine,) = [it for it in claiming.claim(lane=Lane.BULK, now=NOON + DAY) if it.pk == two.pk]

    assert delay("two", 1.5 * DAY, now=NOON + DAY) == 0

    assert claiming.begin(followup=mine, now=NOON + DAY)
