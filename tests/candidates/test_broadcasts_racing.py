"""Senders are at work while a broadcast is released twice, paused, resumed and stopped."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress

import pytest
from django.db import connection

from candidates import broadcasts, followups
from candidates.models import Broadcast, Candidate, Consent, FollowUp, Lane
from partners.models import Drive, User
from tests import mails
from tests.broadcasts import drafted, release, states
from tests.conftest import NOON
from tests.sink import Sink

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 150


@pytest.fixture
def crowd(drive: Drive) -> list[Candidate]:
    """Many who confirmed at noon."""
    crowd = Candidate.objects.bulk_create(
        Candidate(
            first_name=f"Ada{number}", last_name="Example", email=f"ada{number}@example.org",
            email_canonical=f"ada{number}@example.org", zip_code="10001", state="NY",
            office="council", timeline="later", language="en", signed_up_at=NOON,
            confirmed_at=NOON,
        )
        for number in range(PEOPLE)
    )  # fmt: skip
    Consent.objects.bulk_create(
        Consent(candidate=it, purpose="contact", wording="Yes.", given_at=NOON) for it in crowd
    )
    return crowd


@pytest.fixture
def rita(db: None) -> User:
    return User.objects.create_superuser("rita@example.org", full_name="Rita Release")


@pytest.fixture
def broadcast(crowd: list[Candidate], staffer: User) -> Broadcast:
    return drafted(staffer)


def at_once(*deeds: Callable[[], object]) -> list[object]:
    ready = threading.Barrier(len(deeds))

    def do(deed: Callable[[], object]) -> object:
        with closing(connection):
            ready.wait()
            return deed()

    with ThreadPoolExecutor(len(deeds)) as several:
        return list(several.map(do, deeds))


def test_released_by_two_at_once_everybody_is_owed_it_once(broadcast: Broadcast, rita: User):
    def let_go() -> object:
        with suppress(broadcasts.AlreadyReleased):
            return release(broadcast, rita)

    done = at_once(let_go, let_go, let_go)

    assert sorted(done, key=str) == [PEOPLE, None, None]
    owed = FollowUp.objects.filter(step=broadcast.step)
    assert owed.values("candidate").distinct().count() == owed.count() == PEOPLE


@pytest.mark.parametrize("deed", ["pause", "stop"])
def test_no_mail_begins_after_a_pause_or_a_stop_was_committed(
    broadcast: Broadcast, rita: User, deed: str
):
    """All are claimed; a sender begins them one by one when the pause comes."""
    release(broadcast, rita)
    claimed = followups.claim(lane=Lane.BULK, now=NOON)
    done = threading.Event()

    def begin_all() -> list[bool]:
        """Say of each that began whether the pause was over when it was asked."""
        late = []
        for it in claimed:
            was_over = done.is_set()
            if followups.begin(followup=it, now=NOON):
                late.append(was_over)
        return late

    def interfere() -> object:
        number = getattr(broadcasts, deed)(broadcast=broadcast, now=NOON)
        done.set()
        return number

    late, held = at_once(begin_all, interfere)

    assert not any(late)
    state = "held" if deed == "pause" else "needless"
    assert Counter(states(broadcast)) == Counter({"sending": len(late), state: held})
    assert len(late) + held == PEOPLE


def test_through_pauses_and_resumes_everybody_gets_it_once(
    broadcast: Broadcast, rita: User, sink: Sink
):
    release(broadcast, rita)
    is_over = threading.Event()

    def send() -> None:
        while not is_over.is_set():
            mails.send_due(clock=lambda: NOON)

    def dither() -> None:
        for _ in range(20):
            broadcasts.pause(broadcast=broadcast, now=NOON)
            broadcasts.resume(broadcast=broadcast)
        is_over.set()

    at_once(send, send, dither)
    while mails.send_due(clock=lambda: NOON):
        pass

    assert states(broadcast) == {"sent": PEOPLE}
    assert Counter(str(it["To"]) for it in sink.messages).most_common(1)[0][1] == 1
    assert len(sink.messages) == PEOPLE


def test_what_was_stopped_while_it_was_sent_is_sent_or_called_off(
    broadcast: Broadcast, rita: User, sink: Sink
):
    release(broadcast, rita)

    def send() -> None:
        while mails.send_due(clock=lambda: NOON):
            pass

    _sent, stopped = at_once(send, lambda: broadcasts.stop(broadcast=broadcast, now=NOON))

    assert Counter(states(broadcast)) == Counter(sent=PEOPLE - stopped, needless=stopped)
    assert len(sink.messages) == PEOPLE - stopped


def test_who_writes_it_anew_waits_for_the_count(broadcast: Broadcast, staffer: User):
    """A number that was counted for another audience is never kept with this one."""
    empty = broadcasts.Audience(states=["WY"])

    def rewrite() -> None:
        broadcasts.rewrite(broadcast=broadcast, name="x", audience=empty, author=staffer, now=NOON)

    at_once(rewrite, lambda: broadcasts.count(broadcast=broadcast, now=NOON))

    assert Broadcast.objects.get().counted in (None, 0)
