"""The e-mails we owe arrive: over real SMTP, whatever happens on the way."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import connection

from candidates import followups, letters, privacy, signup
from candidates.models import Candidate, FollowUp, Suppression
from candidates.signup import Answers
from tests.conftest import NOON, SignUp
from tests.sink import Sink

SOON = NOON + timedelta(seconds=1)


class Watch:
    """A clock that stands still until it is wound on."""

    def __init__(self) -> None:
        self.now = SOON

    def __call__(self) -> datetime:
        return self.now

    def wind(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def crowd(sign_up: SignUp, ada: Answers) -> Callable[[int], list[Candidate]]:
    def crowd(number: int) -> list[Candidate]:
        return [sign_up(replace(ada, email=f"person{n}@example.org")) for n in range(number)]

    return crowd


def states() -> Counter[str]:
    return Counter(FollowUp.objects.values_list("state", flat=True))


def ids() -> set[str]:
    return {f"<{it.id}@example.org>" for it in FollowUp.objects.filter(state="sent")}


def test_what_is_due_is_sent_and_recorded(sign_up: SignUp, ada: Answers, sink: Sink, watch: Watch):
    candidate = sign_up(ada)

    assert followups.send_due(clock=watch) == 1

    followup = candidate.followups.get()
    assert sink.message_ids == [f"<{followup.id}@example.org>"]
    assert (followup.state, followup.sent_at, followup.leased_until) == ("sent", SOON, None)


def test_sending_again_sends_nothing(sign_up: SignUp, ada: Answers, sink: Sink, watch: Watch):
    sign_up(ada)

    assert [followups.send_due(clock=watch) for _ in range(3)] == [1, 0, 0]

    assert len(sink.messages) == 1


def test_what_is_due_later_waits(sign_up: SignUp, ada: Answers, sink: Sink, watch: Watch):
    sign_up(ada, at=NOON + timedelta(hours=1))

    assert followups.send_due(clock=watch) == 0

    assert sink.messages == []


def test_the_welcome_follows_the_confirmation(
    sign_up: SignUp, ada: Answers, sink: Sink, watch: Watch
):
    candidate = sign_up(ada)
    followups.send_due(clock=watch)

    signup.confirm(candidate_id=candidate.id, now=watch())
    followups.send_due(clock=watch)

    assert states() == {"sent": 2}
    assert len(set(sink.message_ids)) == 2


def test_who_has_confirmed_is_not_asked_again(
    sign_up: SignUp, ada: Answers, sink: Sink, watch: Watch
):
    candidate = sign_up(ada)
    sign_up(ada, at=NOON + timedelta(minutes=6))
    followups.send_due(clock=watch)
    signup.confirm(candidate_id=candidate.id, now=watch())

    watch.wind(hours=25)
    followups.send_due(clock=watch)

    assert candidate.followups.get(step="confirm_again").state == "suppressed"
    assert len(sink.messages) == 2


def test_one_connection_serves_a_whole_batch(crowd, sink: Sink, watch: Watch):
    crowd(10)

    followups.send_due(clock=watch)

    assert (len(sink.messages), sink.connections) == (10, 1)


def test_who_said_stop_is_never_mailed_again(crowd, sink: Sink, watch: Watch):
    stopped, _other = crowd(2)

    for _ in range(2):
        privacy.unsubscribe(candidate_id=stopped.id, now=NOON)
    followups.send_due(clock=watch)

    assert [str(it["To"]).count("person1") for it in sink.messages] == [1]
    assert stopped.followups.get().state == "suppressed"


def test_the_stop_outlives_the_person(sign_up: SignUp, ada: Answers, sink: Sink, watch: Watch):
    privacy.unsubscribe(candidate_id=sign_up(ada).id, now=NOON)
    Candidate.objects.all().delete()

    sign_up(ada)
    followups.send_due(clock=watch)

    assert sink.messages == []
    assert "ada" not in Suppression.objects.get().digest


def test_a_refused_address_fails_for_good_and_staff_can_send_it_again(
    crowd, sink: Sink, watch: Watch
):
    crowd(3)
    sink.refuse["person1@example.org"] = (550, "no such user")

    followups.send_due(clock=watch)

    failed = FollowUp.objects.get(state="failed")
    assert states() == {"sent": 2, "failed": 1}
    assert failed.last_error == "SMTPRecipientsRefused 550"

    sink.refuse.clear()
    assert followups.retry(ids=[failed.id], now=watch()) == 1
    followups.send_due(clock=watch)

    assert states() == {"sent": 3}


def test_a_full_mailbox_is_tried_again_later(crowd, sink: Sink, watch: Watch):
    crowd(1)
    sink.refuse["person0@example.org"] = (452, "mailbox full")
    followups.send_due(clock=watch)
    assert FollowUp.objects.get().due_at > watch()

    sink.refuse.clear()
    watch.wind(minutes=1)
    followups.send_due(clock=watch)

    assert states() == {"sent": 1}


def test_a_mailbox_that_stays_full_is_given_up(crowd, sink: Sink, watch: Watch):
    crowd(1)
    sink.refuse["person0@example.org"] = (452, "mailbox full")

    for _ in range(followups.MOST_ATTEMPTS + 3):
        followups.send_due(clock=watch)
        watch.wind(hours=7)

    assert (states(), FollowUp.objects.get().attempts) == ({"failed": 1}, followups.MOST_ATTEMPTS)


def test_a_poison_row_stops_nobody_else(crowd, sink: Sink, watch: Watch, monkeypatch, caplog):
    poison = crowd(4)[1].followups.get()
    write = letters.write

    def write_or_break(*, followup: FollowUp):
        if followup.id == poison.id:
            raise ZeroDivisionError
        return write(followup=followup)

    monkeypatch.setattr(letters, "write", write_or_break)
    for _ in range(followups.MOST_ATTEMPTS_TO_WRITE):
        followups.send_due(clock=watch)
        watch.wind(minutes=10)

    poison.refresh_from_db()
    assert states() == {"sent": 3, "failed": 1}
    assert (poison.state, poison.last_error) == ("failed", "ZeroDivisionError")
    ours = [it.getMessage() for it in caplog.records if it.name.startswith("candidates")]
    assert ours == [f"follow-up {poison.id} failed for good: ZeroDivisionError"]


def test_a_dead_mail_server_loses_nothing_and_is_left_alone(
    crowd, sink: Sink, watch: Watch, settings
):
    crowd(5)
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1

    followups.send_due(clock=watch)
    assert followups.send_due(clock=watch) == 0  # the breaker is open
    assert (states(), FollowUp.objects.filter(attempts__gt=0).count()) == ({"due": 5}, 0)

    settings.EMAIL_PORT = port
    watch.wind(minutes=1)
    followups.send_due(clock=watch)

    assert states() == {"sent": 5}


def test_a_server_that_hangs_up_after_taking_a_mail_gets_it_again_under_the_same_id(
    crowd, sink: Sink, watch: Watch
):
    crowd(3)
    sink.drop_after, sink.drop_keeps = 1, True

    followups.send_due(clock=watch)
    sink.drop_after = None
    watch.wind(minutes=10)
    followups.send_due(clock=watch)

    assert states() == {"sent": 3}
    assert set(sink.message_ids) == ids()
    assert len(sink.message_ids) == 4


def test_a_worker_that_died_with_mails_in_hand_loses_none(crowd, sink: Sink, watch: Watch):
    crowd(3)
    begun, *_ = followups.claim(now=watch())
    followups.begin(followup=begun, now=watch())

    assert followups.send_due(clock=watch) == 0  # still its own
    watch.now += followups.LEASE + timedelta(seconds=1)
    followups.send_due(clock=watch)

    assert states() == {"sent": 3}
    assert set(sink.message_ids) == ids()


def test_a_lease_that_was_lost_begins_nothing(crowd, sink: Sink, watch: Watch):
    crowd(1)
    (slow,) = followups.claim(now=watch())
    watch.now += followups.LEASE + timedelta(seconds=1)
    (quick,) = followups.claim(now=watch())

    assert followups.begin(followup=slow, now=watch()) is False
    assert followups.begin(followup=quick, now=watch()) is True


@pytest.mark.django_db(transaction=True)
def test_many_workers_send_each_mail_once(crowd, sink: Sink, watch: Watch):
    crowd(120)

    def work(_: int) -> None:
        with closing(connection):
            while followups.send_due(clock=watch):
                pass

    with ThreadPoolExecutor(4) as workers:
        list(workers.map(work, range(4)))

    assert states() == {"sent": 120}
    assert sorted(sink.message_ids) == sorted(ids())


@pytest.fixture
def broken_claim(monkeypatch) -> Iterator[None]:
    """A claim as one would write it first: look what is due, then say that it's taken."""
    everyone_has_looked = threading.Barrier(4)

    def claim(*, now: datetime) -> list[FollowUp]:
        due = list(FollowUp.objects.due(now).select_related("candidate"))
        everyone_has_looked.wait(timeout=10)
        return due

    monkeypatch.setattr(followups, "claim", claim)
    monkeypatch.setattr(followups, "begin", lambda **_: True)
    return


@pytest.mark.django_db(transaction=True)
def test_a_broken_twin_without_a_claim_is_caught(
    crowd, sink: Sink, watch: Watch, broken_claim: None
):
    crowd(5)

    def work(_: int) -> None:
        with closing(connection):
            followups.send_due(clock=watch)

    with ThreadPoolExecutor(4) as workers:
        list(workers.map(work, range(4)))

    assert sorted(sink.message_ids) != sorted(ids())


@pytest.mark.django_db(transaction=True)
def test_no_mail_begins_after_the_opt_out_was_committed(crowd, watch: Watch):
    """Opt-out and sender race for each of 40 mails; the later one must see the earlier one."""
    crowd(40)
    for claimed in followups.claim(now=watch()):
        candidate = claimed.candidate
        both_ready = threading.Barrier(2)
        outcome: dict[str, object] = {}

        def stop(candidate=candidate, ready=both_ready) -> None:
            with closing(connection):
                ready.wait()
                privacy.unsubscribe(candidate_id=candidate.id, now=NOON)

        def send(claimed=claimed, ready=both_ready, outcome=outcome) -> None:
            with closing(connection):
                ready.wait()
                outcome["begun"] = followups.begin(followup=claimed, now=watch())

        with ThreadPoolExecutor(2) as two:
            for it in [two.submit(stop), two.submit(send)]:
                it.result()

        claimed.refresh_from_db()
        assert claimed.state == "suppressed"
        # Begun first, then suppressed: a mail on its way. Suppressed first: nothing began.
        assert outcome["begun"] is (claimed.attempts == 1)
