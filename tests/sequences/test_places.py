"""Two steps exchange places: whoever waits still gets both, and everything after them."""

import threading
import time
from contextlib import closing
from datetime import datetime

import pytest
from django.db import connection, transaction

from candidates import editing, triage
from candidates.followups import claiming
from candidates.models import Candidate, FollowUp, Lane, Sequence
from candidates.models.candidates import Stage
from partners.models import User
from tests import mails
from tests.conftest import NOON
from tests.sequences.conftest import DAY, HOUR, WAITED_AT_MOST
from tests.sink import Sink

pytestmark = pytest.mark.django_db


@pytest.fixture
def waits(call: Sequence, confirmed: Candidate, staffer: User) -> Candidate:
    """Ada waits at the first mail after the call."""
    triage.move(candidate_ids=[confirmed.pk], to_stage=Stage.INTRO_CALL, author=staffer, now=NOON)
    return confirmed


def move(call: Sequence, name: str, *, is_earlier: bool, now: datetime = NOON) -> int:
    step = call.steps.select_related("sequence").get(name=name)
    return editing.move(step=step, is_earlier=is_earlier, now=now)


def send(at: datetime) -> None:
    mails.send_due(clock=lambda: at)


def got(candidate: Candidate) -> list[tuple[str, datetime | None]]:
    sent = candidate.followups.filter(step__sequence__slug="call", state="sent")
    return [(it.step.name, it.sent_at) for it in sent.order_by("sent_at")]


@pytest.mark.parametrize(("name", "is_earlier"), [("one", False), ("two", True)])
def test_who_waits_at_the_earlier_gets_the_other_first_and_misses_nothing(
    waits: Candidate, call: Sequence, sink: Sink, name: str, is_earlier: bool
) -> None:
    assert move(call, name, is_earlier=is_earlier) == 1

    for days in range(4):
        send(NOON + days * DAY)

    assert got(waits) == [("two", NOON), ("one", NOON + DAY), ("three", NOON + 2 * DAY)]


def test_the_mail_goes_to_the_lane_of_the_step_it_is_now(waits: Candidate, call: Sequence) -> None:
    call.steps.filter(name="two").update(lane=Lane.URGENT)

    move(call, "one", is_earlier=False)

    row = waits.followups.get(step__sequence=call)
    assert (row.step.name, row.lane, row.due_at) == ("two", Lane.URGENT, NOON)


def test_nothing_is_exchanged_while_somebody_waits_at_the_later_one(
    waits: Candidate, call: Sequence, sink: Sink
) -> None:
    """Who had the first and got it led there again would never come to the third."""
    send(NOON)

    for name, is_earlier in (("one", False), ("two", True)):
        with pytest.raises(editing.NotAllowed, match="1 person waits at “two” and is past “one”"):
            move(call, name, is_earlier=is_earlier)
    assert move(call, "three", is_earlier=True) == 1

    for days in range(3):
        send(NOON + days * DAY)
    assert [name for name, _at in got(waits)] == ["one", "three", "two"]


def test_whoever_is_past_both_gets_what_comes_after_them(
    waits: Candidate, call: Sequence, sink: Sink
) -> None:
    send(NOON)
    send(NOON + DAY)

    assert move(call, "one", is_earlier=False, now=NOON + DAY) == 0

    send(NOON + 2 * DAY)
    assert [name for name, _at in got(waits)] == ["one", "two", "three"]


def test_nothing_is_exchanged_while_a_worker_has_what_comes_before(
    waits: Candidate, call: Sequence
) -> None:
    """It has read which step is owed next: that would be the wrong one by then."""
    claimed = claiming.claim(lane=Lane.BULK, now=NOON)

    for name in ("one", "two"):
        with pytest.raises(editing.NotAllowed, match="at this very moment"):
            move(call, name, is_earlier=False)

    claiming.release(unsent=claimed)
    assert move(call, "one", is_earlier=False) == 1


def test_what_was_tried_in_other_words_stays_what_it_is(waits: Candidate, call: Sequence) -> None:
    """It may have arrived, and two different mails would have one Message-ID."""
    row = waits.followups.get(step__sequence=call)
    FollowUp.objects.filter(pk=row.pk).update(attempts=1, due_at=NOON + 6 * HOUR)

    with pytest.raises(editing.NotAllowed, match="tried again soon"):
        move(call, "one", is_earlier=False)


@pytest.mark.django_db(transaction=True)
def test_it_waits_for_no_worker(waits: Candidate, call: Sequence, no_waiting: None) -> None:
    """A worker that records what it sent waits for the step, which is locked meanwhile."""
    row = waits.followups.get(step__sequence=call)
    with closing(connection.copy()) as other, other.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT FROM candidates_followup WHERE id = %s FOR UPDATE", [row.pk])

        began = time.monotonic()
        with pytest.raises(editing.NotAllowed, match="at this very moment"):
            move(call, "one", is_earlier=False)
        assert time.monotonic() - began < WAITED_AT_MOST

        cursor.execute("ROLLBACK")
    assert move(call, "one", is_earlier=False) == 1


def test_who_has_had_the_later_one_stays_where_they_are(waits: Candidate, call: Sequence) -> None:
    """A failed mail that a colleague sends again, behind which the sequence went on."""
    two = call.steps.get(name="two")
    FollowUp.objects.create(
        candidate=waits, step=two, lane=1, anchor_at=NOON, due_at=NOON, state="sent", sent_at=NOON
    )

    assert move(call, "one", is_earlier=False) == 0
    assert waits.followups.filter(step__sequence=call, state="due").get().step.name == "one"


@pytest.mark.django_db(transaction=True)
def test_who_begins_at_this_very_moment_begins_with_what_is_first_by_then(
    confirmed: Candidate, call: Sequence, staffer: User, sink: Sink
) -> None:
    """Ada reached the call before the exchange, and her row is seen after it."""

    def exchange() -> None:
        moved.append(move(call, "one", is_earlier=False))
        connection.close()

    moved: list[int] = []
    thread = threading.Thread(target=exchange)
    with transaction.atomic():
        told = {"to_stage": Stage.INTRO_CALL, "author": staffer, "now": NOON}
        triage.move(candidate_ids=[confirmed.pk], **told)
        thread.start()
        thread.join(timeout=0.5)
        assert thread.is_alive()  # it waits until the row can be seen
    thread.join(timeout=WAITED_AT_MOST)

    assert moved == [1]
    for days in range(4):
        send(NOON + days * DAY)
    assert [name for name, _at in got(confirmed)] == ["two", "one", "three"]


@pytest.mark.django_db(transaction=True)
def test_who_comes_during_the_exchange_waits_for_it(
    confirmed: Candidate, call: Sequence, staffer: User, sink: Sink
) -> None:
    def reach() -> None:
        told = {"to_stage": Stage.INTRO_CALL, "author": staffer, "now": NOON}
        triage.move(candidate_ids=[confirmed.pk], **told)
        connection.close()

    thread = threading.Thread(target=reach)
    with transaction.atomic():
        move(call, "one", is_earlier=False)
        thread.start()
        thread.join(timeout=0.5)
        assert thread.is_alive()
    thread.join(timeout=WAITED_AT_MOST)

    for days in range(4):
        send(NOON + days * DAY)
    assert [name for name, _at in got(confirmed)] == ["two", "one", "three"]


def test_what_a_sign_up_begins_with_stays_the_first(db) -> None:
    confirmation = Sequence.objects.get(slug="confirmation")
    first, second = confirmation.steps.filter(removed_at=None).order_by("number")[:2]

    for step, is_earlier in ((first, False), (second, True)):
        with pytest.raises(editing.NotAllowed, match="stays the first"):
            editing.move(step=step, is_earlier=is_earlier, now=NOON)
    assert editing.move(step=second, is_earlier=False, now=NOON) == 0
