"""What somebody waits for leaves at once, whatever else is due."""

import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection
from django.utils import timezone

from candidates import followups, pauses
from candidates.models import Candidate, FollowUp, Lane, MailPause
from candidates.models.candidates import Office, Timeline
from candidates.signup import Answers
from recruit.local import processes
from tests import mails
from tests.conftest import SignUp
from tests.sink import Sink

BACKLOG = 5_000
MOST_SECONDS = 30
REMINDER = mails.REMIND  # it travels in bulk


@pytest.fixture
def backlog(_what_ships: None, drive) -> None:
    """So many reminders have been due for an hour."""
    now = timezone.now()
    people = [
        Candidate(
            first_name="Ada",
            last_name=f"Example {number}",
            email=f"backlog{number}@example.org",
            email_canonical=f"backlog{number}@example.org",
            zip_code="",
            state="NY",
            office=Office.NOT_SURE,
            timeline=Timeline.EXPLORING,
            signed_up_at=now - timedelta(days=2),
        )
        for number in range(BACKLOG)
    ]
    Candidate.objects.bulk_create(people)
    step = mails.step(REMINDER)
    step.polite_from = step.polite_until = None
    step.save()
    due_at = now - timedelta(hours=1)
    FollowUp.objects.bulk_create(
        FollowUp(candidate=it, step=step, lane=step.lane, anchor_at=due_at, due_at=due_at)
        for it in people
    )


@pytest.fixture
def bulk_is_leaving(backlog: None, sink: Sink) -> Iterator[None]:
    """A worker is at it, and the relay takes its time."""
    sink.hang_seconds = 0.02

    def work() -> None:
        with closing(connection):
            followups.sweep(lane=Lane.BULK, clock=timezone.now)

    worker = Thread(target=work)
    worker.start()
    assert processes.wait_until(lambda: len(sink.messages) > 20, seconds=30)
    yield
    pauses.pause(lane=Lane.BULK, reason=MailPause.Reason.BY_STAFF, now=timezone.now())
    worker.join(30)
    assert not worker.is_alive()


def seconds_until_it_left(sink: Sink, person: Candidate, *, most: float) -> float:
    """Sweep as the beat does, once a second."""
    began = time.monotonic()
    wanted = f"<{mails.of(person).id}@example.org>"
    while time.monotonic() - began < most and wanted not in sink.message_ids:
        followups.sweep(lane=Lane.URGENT, clock=timezone.now)
        time.sleep(0.1)
    return time.monotonic() - began


@pytest.mark.django_db(transaction=True)
def test_a_confirmation_leaves_within_seconds_behind_a_backlog_and_a_slow_relay(
    sign_up: SignUp, ada: Answers, sink: Sink, bulk_is_leaving: None
):
    person = sign_up(ada, at=timezone.now())

    assert seconds_until_it_left(sink, person, most=MOST_SECONDS) < MOST_SECONDS / 3

    assert FollowUp.objects.filter(state="due", lane=Lane.BULK).count() > BACKLOG / 2


@pytest.mark.django_db(transaction=True)
def test_a_broken_twin_with_one_lane_for_all_is_caught(
    sign_up: SignUp, ada: Answers, sink: Sink, bulk_is_leaving: None
):
    person = sign_up(ada, at=timezone.now())
    FollowUp.objects.filter(candidate=person).update(lane=Lane.BULK)

    assert seconds_until_it_left(sink, person, most=5) >= 5
