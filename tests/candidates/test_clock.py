"""Workers on several machines go by one clock: that of the database."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from candidates import followups, tasks
from candidates.models import FollowUp, Lane
from candidates.signup import Answers
from partners import letters
from partners import tasks as partners_tasks
from partners.letters import sending
from partners.models import Letter, User
from recruit import clock
from tests.conftest import SignUp
from tests.sink import Sink

right = timezone.now


@pytest.fixture(params=[2, -2], ids=["ahead", "behind"])
def _is_wrong(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The clock of this machine is two minutes off."""
    monkeypatch.setattr(timezone, "now", lambda: right() + timedelta(minutes=request.param))
    clock._ahead.forget()
    yield
    clock._ahead.forget()


@pytest.fixture
def begun(sign_up: SignUp, ada: Answers, _what_ships: None) -> FollowUp:
    """Another worker is sending Ada's confirmation."""
    sign_up(ada)
    FollowUp.objects.exclude(step__number=1).delete()
    (claimed,) = followups.claim(lane=Lane.URGENT, now=right())
    assert followups.begin(followup=claimed, now=right())
    return claimed


@pytest.mark.usefixtures("_is_wrong", "db")
def test_it_is_the_database_s_whatever_the_machine_s_shows() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        at: datetime = cursor.fetchone()[0]

    assert abs(clock.now() - at) < timedelta(seconds=10)


def test_it_is_asked_for_once_in_a_while(
    db: None, django_assert_num_queries: Callable[[int], object]
) -> None:
    clock._ahead.forget()

    with django_assert_num_queries(1):
        assert clock.now() < clock.now()


@pytest.mark.usefixtures("_is_wrong")
@pytest.mark.parametrize("lane", Lane)
def test_a_worker_whose_clock_is_wrong_takes_nothing_from_another(
    begun: FollowUp, sink: Sink, lane: Lane
) -> None:
    FollowUp.objects.update(lane=lane)

    (tasks.send_bulk if lane == Lane.BULK else tasks.send_urgent)()

    assert sink.messages == []
    begun.refresh_from_db()
    assert begun.state == "sending"


@pytest.mark.usefixtures("_is_wrong")
def test_nor_does_it_take_a_letter(staffer: User, sink: Sink) -> None:
    letters.owe(
        kind=Letter.Kind.SECOND_STEP,
        recipient=staffer.email,
        language="en",
        facts={"user": staffer.pk, "deed": "on"},
        key="on",
        now=right(),
    )
    assert sending.claim(now=right())

    partners_tasks.send_letters()

    assert sink.messages == []
    assert Letter.objects.get().attempts == 1
