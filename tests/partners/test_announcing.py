"""Staff hear of each milestone by letter: each of them, once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction

from partners import letters, milestones
from partners.letters import outcomes
from partners.models import Drive, Letter, Milestone
from tests.conftest import NOON
from tests.sink import Sink

LATER = NOON + timedelta(minutes=1)
NEXT_DAY = NOON + timedelta(days=1)

Reach = Callable[[int], list[Milestone]]


class Killed(BaseException):
    """The worker dies here."""


@pytest.fixture
def reach(drive: Drive) -> Reach:
    """Milestones that were reached one after the other, but kept the other way round."""

    def reach(number: int) -> list[Milestone]:
        return [
            Milestone.objects.create(
                drive=drive,
                scope=Milestone.Scope.CUMULATIVE,
                target=20_000 - n,
                reached_at=NOON + timedelta(seconds=n),
                reached_value=20_000 - n,
            )
            for n in reversed(range(number))
        ]

    return reach


def send(at: datetime = LATER) -> int:
    """What the workers do, again and again; return how many letters left."""
    milestones.announce(now=at)
    return letters.sweep(clock=lambda: at)


def subjects(sink: Sink) -> list[str]:
    return [str(it["Subject"])[:6] for it in sink.messages]


def test_staff_hear_of_each_milestone_once_and_in_order(reach: Reach, sink: Sink):
    reach(2)

    assert [send() for _ in range(2)] == [2, 0]

    assert subjects(sink) == ["20,000", "19,999"]
    assert set(Milestone.objects.values_list("announced_at", flat=True)) == {LATER}


def test_each_address_gets_a_letter_of_its_own(reach: Reach, sink: Sink, settings):
    settings.STAFF_EMAILS = ["a@example.org", "b@example.org"]
    reach(1)

    assert send() == 2

    assert {str(it["To"]) for it in sink.messages} == {"a@example.org", "b@example.org"}


def test_one_whose_mailbox_refuses_keeps_nobody_from_hearing(reach: Reach, sink: Sink, settings):
    settings.STAFF_EMAILS = ["a@example.org", "b@example.org"]
    sink.refuse["a@example.org"] = (451, "later")
    reach(1)
    assert send() == 1

    sink.refuse.clear()
    assert send(NEXT_DAY) == 1

    assert [str(it["To"]) for it in sink.messages] == ["b@example.org", "a@example.org"]


def test_a_milestone_that_nobody_reached_is_not_announced(drive: Drive, sink: Sink):
    Milestone.objects.create(drive=drive, scope=Milestone.Scope.CUMULATIVE, target=20_000)

    assert send() == 0
    assert Milestone.objects.get().announced_at is None


def test_a_mail_server_that_is_away_costs_no_letter(reach: Reach, sink: Sink, settings):
    reach(3)
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1

    assert send() == 0
    assert set(Letter.objects.values_list("attempts", "given_up_at")) == {(0, None)}

    settings.EMAIL_PORT = port
    assert send(NEXT_DAY) == 3
    assert subjects(sink) == ["20,000", "19,999", "19,998"]


def test_a_letter_that_can_never_be_written_stops_no_other(reach: Reach, sink: Sink):
    reach(3)
    milestones.announce(now=LATER)
    spoiled, *_ = Letter.objects.order_by("key")
    Letter.objects.filter(pk=spoiled.pk).update(facts={"milestone": 0})

    assert send() == 2

    assert Letter.objects.filter(given_up_at=LATER).count() == 1


def test_a_worker_that_dies_after_sending_sends_it_again_under_its_name(
    reach: Reach, sink: Sink, monkeypatch
):
    def die(*_, **changes: object) -> None:
        if changes.get("sent_at"):
            raise Killed

    reach(1)
    record = outcomes.record
    monkeypatch.setattr(outcomes, "record", lambda *row, **how: die(**how) or record(*row, **how))
    with pytest.raises(Killed):
        send()
    monkeypatch.undo()

    assert [send(), send(NEXT_DAY)] == [0, 1]

    assert len(sink.messages) == 2
    assert len(set(sink.message_ids)) == 1


def test_whoever_dies_while_announcing_announces_nothing_by_halves(reach: Reach, monkeypatch):
    def die(**_: object) -> int:
        raise Killed

    reach(1)
    monkeypatch.setattr(letters, "owe_all", die)
    with pytest.raises(Killed):
        milestones.announce(now=LATER)
    monkeypatch.undo()

    assert Milestone.objects.get().announced_at is None
    assert milestones.announce(now=LATER) == 1


@pytest.mark.django_db(transaction=True)
def test_what_one_worker_is_announcing_the_other_leaves_alone(reach: Reach):
    reach(1)

    def announce() -> int:
        with closing(connection), connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '2s'")
            return milestones.announce(now=LATER)

    with ThreadPoolExecutor(1) as other, transaction.atomic():
        mine = milestones.announce(now=LATER)
        theirs = other.submit(announce).result()

    assert (mine, theirs) == (1, 0)
    assert Letter.objects.count() == 1
