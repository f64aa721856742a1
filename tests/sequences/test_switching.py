"""Off is off at once, on gives everything back, and a worker in between loses nothing."""

import threading
import time
from dataclasses import replace

import pytest
from django.db import connection

from candidates import editing, signup, triage
from candidates.followups import claiming, sending, settling
from candidates.models import Candidate, FollowUp, Lane, Sequence
from candidates.models.candidates import Stage
from candidates.signup import Answers
from partners.models import Drive, User
from tests import mails
from tests.conftest import NOON, SignUp
from tests.sequences.conftest import DAY, HOUR
from tests.sink import Sink

pytestmark = pytest.mark.django_db


@pytest.fixture
def owed(call: Sequence, confirmed: Candidate, staffer: User) -> FollowUp:
    """The first mail after the call, due to Ada."""
    triage.move(candidate_ids=[confirmed.pk], to_stage=Stage.INTRO_CALL, author=staffer, now=NOON)
    return confirmed.followups.get(step__sequence=call)


def state(followup: FollowUp) -> tuple[str, str]:
    followup.refresh_from_db()
    return followup.state, followup.why


def send(at: object) -> None:
    mails.send_due(clock=lambda: at)


def subjects(sink: Sink) -> list[str]:
    return [str(it["Subject"]) for it in sink.messages]


def test_off_holds_what_is_owed_and_on_gives_it_back(
    owed: FollowUp, call: Sequence, confirmed: Candidate, sink: Sink
) -> None:
    assert editing.switch_off(sequence=call) == 1
    assert state(owed) == ("held", "switched_off")
    send(NOON + 3 * DAY)
    assert "About one" not in subjects(sink)

    assert editing.switch_on(sequence=call, now=NOON + 3 * DAY) == 1
    assert state(owed) == ("due", "")
    for hours in range(24 * 4):
        send(NOON + 3 * DAY + hours * HOUR)

    theirs = confirmed.followups.filter(step__sequence=call).order_by("sent_at")
    assert [it.sent_at for it in theirs] == [NOON + days * DAY for days in (3, 4, 5)]


def test_off_and_on_touch_no_other_sequence_and_nothing_that_was_sent(
    owed: FollowUp, call: Sequence, sink: Sink
) -> None:
    send(NOON)
    others = FollowUp.objects.exclude(step__sequence=call).order_by("pk")
    before = list(others.values())

    editing.switch_off(sequence=call)
    assert state(owed) == ("sent", "")
    editing.switch_on(sequence=call, now=NOON)

    assert list(others.values()) == before


def test_on_gives_nothing_back_that_is_held_for_another_reason(
    owed: FollowUp, call: Sequence
) -> None:
    editing.switch_off(sequence=call)
    FollowUp.objects.filter(pk=owed.pk).update(why="paused")

    assert editing.switch_on(sequence=call, now=NOON) == 0
    assert state(owed) == ("held", "paused")


def test_on_twice_keeps_the_day_it_was_switched_on(call: Sequence) -> None:
    editing.switch_on(sequence=call, now=NOON + DAY)

    assert Sequence.objects.get(pk=call.pk).switched_on_at == NOON


def errand(owed: FollowUp) -> claiming.Errand:
    claimed = claiming.claim(lane=Lane.BULK, now=NOON)
    wanted = claiming.wanted(claimed=claimed, now=NOON)
    return next(it for it in wanted if it.followup == owed)


def test_a_worker_that_read_it_was_on_begins_nothing_once_it_is_off(
    owed: FollowUp, call: Sequence
) -> None:
    mine = errand(owed)

    editing.switch_off(sequence=call)

    assert not claiming.begin(followup=mine.followup, now=NOON)
    claiming.release(unsent=[mine.followup])
    assert state(owed) == ("held", "switched_off")


def test_a_mail_that_was_begun_before_leaves_and_what_follows_is_held(
    owed: FollowUp, call: Sequence, confirmed: Candidate, sink: Sink
) -> None:
    mine = errand(owed)
    assert claiming.begin(followup=mine.followup, now=NOON)

    assert editing.switch_off(sequence=call) == 0
    settling.settle(
        followup=mine.followup, following=mine.following, now=NOON, state="sent", sent_at=NOON
    )
    send(NOON + DAY)

    assert state(owed) == ("sent", "")
    second = confirmed.followups.get(step__name="two")
    assert (second.state, second.why) == ("held", "switched_off")
    assert editing.switch_on(sequence=call, now=NOON + DAY) == 1


def test_what_a_worker_holds_too_late_is_not_held_for_ever(
    owed: FollowUp, call: Sequence, sink: Sink
) -> None:
    """It read that the sequence is off; by the time it says so, the sequence is on again."""
    Sequence.objects.filter(pk=call.pk).update(switched_on_at=None)
    claimed = claiming.claim(lane=Lane.BULK, now=NOON)
    editing.switch_on(sequence=call, now=NOON)

    claiming.wanted(claimed=claimed, now=NOON)

    assert state(owed) == ("due", "")
    send(NOON)
    assert "About one" in subjects(sink)


PEOPLE = 60


@pytest.fixture
def many(transactional_db: None, _what_ships: None, drive: Drive, sign_up: SignUp, ada: Answers,
         call: Sequence, staffer: User) -> set[str]:  # fmt: skip
    """So many people to whom the first mail after the call is due."""
    for number in range(PEOPLE):
        person = sign_up(replace(ada, email=f"ada{number}@example.org"))
        signup.confirm(candidate_id=person.id, now=NOON)
    ids = list(Candidate.objects.values_list("pk", flat=True))
    triage.move(candidate_ids=ids, to_stage=Stage.INTRO_CALL, author=staffer, now=NOON)
    return {f"ada{number}@example.org" for number in range(PEOPLE)}


@pytest.mark.django_db(transaction=True)
def test_a_switch_thrown_while_a_worker_sends_loses_nothing_and_repeats_nothing(
    many: set[str], call: Sequence, sink: Sink
) -> None:
    is_over = threading.Event()

    def work() -> None:
        while not is_over.is_set():
            sending.send_due(lane=Lane.BULK, clock=lambda: NOON)
        connection.close()

    def arrived() -> list[str]:
        return [it.recipients[0] for it in sink.received if it.message["Subject"] == "About one"]

    worker = threading.Thread(target=work)
    worker.start()
    try:
        for _throw in range(12):
            editing.switch_off(sequence=call)
            before = len(arrived())
            time.sleep(0.05)
            assert len(arrived()) <= before + 1  # the one that was on the line
            editing.switch_on(sequence=call, now=NOON)
            time.sleep(0.02)
    finally:
        is_over.set()
        worker.join()
    send(NOON)

    assert sorted(arrived()) == sorted(many)
    assert set(FollowUp.objects.filter(step__name="one").values_list("state")) == {("sent",)}
