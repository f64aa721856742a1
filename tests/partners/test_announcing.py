"""Staff hear of each milestone by mail, once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta

import pytest
from django.db import connection, transaction

from partners import announcements, milestones
from partners.models import Drive, Milestone
from tests.conftest import NOON
from tests.sink import Sink

LATER = NOON + timedelta(minutes=1)

Reach = Callable[[int], list[Milestone]]


@pytest.fixture
def reach(drive: Drive) -> Reach:
    """Milestones that were reached one after the other, the highest target first."""

    def reach(number: int) -> list[Milestone]:
        return [
            Milestone.objects.create(
                drive=drive,
                scope=Milestone.Scope.CUMULATIVE,
                target=20_000 - n,
                reached_at=NOON + timedelta(seconds=n),
                reached_value=20_000 - n,
            )
            for n in range(number)
        ]

    return reach


def waiting() -> int:
    return Milestone.objects.filter(announced_at=None).count()


def test_staff_hear_of_each_milestone_once_and_in_order(reach: Reach, sink: Sink):
    reach(2)

    assert [announcements.send(now=LATER) for _ in range(2)] == [2, 0]

    assert [str(it["Subject"])[:6] for it in sink.messages] == ["20,000", "19,999"]


def test_a_milestone_that_nobody_reached_is_not_announced(drive: Drive, sink: Sink):
    Milestone.objects.create(drive=drive, scope=Milestone.Scope.CUMULATIVE, target=20_000)

    assert announcements.send(now=LATER) == 0


def test_a_mail_server_that_is_away_is_asked_once_and_nothing_is_lost(
    reach: Reach, sink: Sink, settings, monkeypatch
):
    reach(3)
    asked = []
    tell = announcements._tell
    monkeypatch.setattr(
        announcements, "_tell", lambda milestone: (asked.append(1), tell(milestone))
    )
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1

    assert announcements.send(now=LATER) == 0
    assert (len(asked), waiting()) == (1, 3)

    settings.EMAIL_PORT = port
    assert announcements.send(now=LATER) == 3
    assert len(sink.messages) == 3


def test_a_mail_that_cannot_be_written_stops_no_other(reach: Reach, sink: Sink, monkeypatch):
    broken, *_ = reach(3)
    tell = announcements._tell

    def tell_or_break(milestone: Milestone) -> None:
        if milestone == broken:
            raise ZeroDivisionError
        tell(milestone)

    monkeypatch.setattr(announcements, "_tell", tell_or_break)
    assert announcements.send(now=LATER) == 2
    assert waiting() == 1

    monkeypatch.undo()
    assert len(sink.messages) == 2


@pytest.mark.django_db(transaction=True)
def test_what_one_worker_is_claiming_the_other_leaves_alone(reach: Reach):
    reach(1)

    def claim() -> list[Milestone]:
        with closing(connection), connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '2s'")
            return milestones.claim_announcements(now=LATER)

    with ThreadPoolExecutor(1) as other, transaction.atomic():
        mine = milestones.claim_announcements(now=LATER)
        theirs = other.submit(claim).result()

    assert (len(mine), theirs) == (1, [])
