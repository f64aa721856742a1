"""The e-mails we owe arrive: over real SMTP, whatever happens on the way."""

import socketserver
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from smtplib import SMTPServerDisconnected

import pytest
from django.db import connection

from candidates import followups, letters, privacy, signup
from candidates.followups import claiming, outcomes, sending, settling
from candidates.models import Candidate, FollowUp, Lane, Step, Suppression
from candidates.signup import Answers
from partners import mail_routes
from partners.models import Drive, Partner
from recruit import mail, replies
from tests import mails
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


@contextmanager
def slow_server(seconds_a_byte: float) -> Iterator[int]:
    """Says yes to everything, a byte at a time; an answer has 15."""

    class Slow(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                self.say(b"220")
                for line in self.rfile:
                    self.say(b"354" if line.startswith(b"DATA") else b"250")

        def say(self, code: bytes) -> None:
            for byte in code.ljust(13) + b"\r\n":
                self.wfile.write(bytes([byte]))
                time.sleep(seconds_a_byte)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Slow) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.fixture(autouse=True)
def _one_mail_each(drive: Drive, _what_ships: None) -> None:
    """What follows a mail has tests of its own: test_sequences."""
    Step.objects.exclude(number=1).update(removed_at=NOON)


@pytest.fixture
def crowd(sign_up: SignUp, ada: Answers) -> Callable[[int], list[Candidate]]:
    def crowd(number: int) -> list[Candidate]:
        """They come one after the other: among letters due at once no order is promised."""
        return [
            sign_up(
                replace(ada, email=f"person{n}@example.org"), at=NOON + timedelta(milliseconds=n)
            )
            for n in range(number)
        ]

    return crowd


def states() -> Counter[str]:
    return Counter(FollowUp.objects.values_list("state", flat=True))


def try_one(watch: Watch) -> Counter[str]:
    """A server that was left alone gets one mail first."""
    mails.send_due(clock=watch)
    return states()


def claim(watch: Watch) -> list[FollowUp]:
    return followups.claim(lane=Lane.URGENT, now=watch())


def is_resting(watch: Watch) -> bool:
    return mail_routes.is_resting(key=mail_routes.PROVIDER, now=watch())


def ids() -> set[str]:
    return {f"<{it.id}@example.org>" for it in FollowUp.objects.filter(state="sent")}


def test_what_is_due_is_sent_and_recorded(sign_up: SignUp, ada: Answers, sink: Sink, watch: Watch):
    candidate = sign_up(ada)

    assert mails.send_due(clock=watch) == 1

    followup = candidate.followups.get()
    assert sink.message_ids == [f"<{followup.id}@example.org>"]
    assert (followup.state, followup.sent_at, followup.leased_until) == ("sent", SOON, None)


def test_sending_again_sends_nothing(sign_up: SignUp, ada: Answers, sink: Sink, watch: Watch):
    sign_up(ada)

    assert [mails.send_due(clock=watch) for _ in range(3)] == [1, 0, 0]

    assert len(sink.messages) == 1


def test_what_is_due_later_waits(sign_up: SignUp, ada: Answers, sink: Sink, watch: Watch):
    sign_up(ada, at=NOON + timedelta(hours=1))

    assert mails.send_due(clock=watch) == 0

    assert sink.messages == []


def test_one_connection_serves_a_whole_batch(crowd, sink: Sink, watch: Watch):
    crowd(10)

    mails.send_due(clock=watch)

    assert (len(sink.messages), sink.connections) == (10, 1)


def test_who_said_stop_is_never_mailed_again(crowd, sink: Sink, watch: Watch):
    stopped, _other = crowd(2)

    for _ in range(2):
        privacy.unsubscribe(candidate_id=stopped.id, now=NOON)
    mails.send_due(clock=watch)

    assert [str(it["To"]).count("person1") for it in sink.messages] == [1]
    assert stopped.followups.get().state == "suppressed"


def test_the_stop_outlives_the_person(sign_up: SignUp, ada: Answers, sink: Sink, watch: Watch):
    privacy.unsubscribe(candidate_id=sign_up(ada).id, now=NOON)
    Candidate.objects.all().delete()

    sign_up(ada)
    mails.send_due(clock=watch)

    assert sink.messages == []
    assert "ada" not in Suppression.objects.get().digest


def test_a_refused_letter_fails_for_good_and_staff_can_send_it_again(
    crowd, sink: Sink, watch: Watch
):
    crowd(3)
    sink.refuse["person1@example.org"] = (552, "5.2.3 too long")

    mails.send_due(clock=watch)

    failed = FollowUp.objects.get(state="failed")
    assert states() == {"sent": 2, "failed": 1}
    assert failed.last_error == "SMTPRecipientsRefused 552"

    sink.refuse.clear()
    everyone = [it.id for it in FollowUp.objects.all()]
    assert followups.retry(ids=everyone, now=watch()) == 1
    mails.send_due(clock=watch)

    assert states() == {"sent": 3}
    assert len(sink.messages) == 3


def test_a_full_mailbox_is_tried_again_later(crowd, sink: Sink, watch: Watch):
    crowd(1)
    sink.refuse["person0@example.org"] = (452, "mailbox full")
    mails.send_due(clock=watch)
    assert FollowUp.objects.get().due_at > watch()

    sink.refuse.clear()
    watch.wind(minutes=1)
    mails.send_due(clock=watch)

    assert states() == {"sent": 1}


def test_a_mailbox_that_stays_full_is_given_up(crowd, sink: Sink, watch: Watch):
    crowd(1)
    sink.refuse["person0@example.org"] = (452, "mailbox full")

    for _ in range(replies.RETRY.most_attempts + 3):
        mails.send_due(clock=watch)
        watch.wind(hours=7)

    assert (states(), FollowUp.objects.get().attempts) == (
        {"failed": 1},
        replies.RETRY.most_attempts,
    )


def test_a_poison_row_stops_nobody_else(crowd, sink: Sink, watch: Watch, monkeypatch, caplog):
    poison = crowd(4)[1].followups.get()
    write = letters.write

    def write_or_break(*, followup: FollowUp, partner: Partner | None):
        if followup.id == poison.id:
            raise ZeroDivisionError
        return write(followup=followup, partner=partner)

    monkeypatch.setattr(letters, "write", write_or_break)
    for _ in range(replies.UNWRITTEN.most_attempts):
        mails.send_due(clock=watch)
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

    mails.send_due(clock=watch)
    assert mails.send_due(clock=watch) == 0  # the breaker is open
    assert (states(), FollowUp.objects.filter(attempts__gt=0).count()) == ({"due": 5}, 0)

    settings.EMAIL_PORT = port
    watch.wind(minutes=1)
    assert try_one(watch) == {"sent": 1, "due": 4}
    mails.send_due(clock=watch)

    assert states() == {"sent": 5}


def test_a_server_that_hangs_up_after_taking_a_mail_gets_it_again_under_the_same_id(
    crowd, sink: Sink, watch: Watch
):
    crowd(3)
    sink.drop_after, sink.drop_keeps = 1, True

    mails.send_due(clock=watch)
    sink.drop_after = None
    watch.wind(minutes=10)
    mails.send_due(clock=watch)

    assert states() == {"sent": 3}
    assert set(sink.message_ids) == ids()
    assert len(sink.message_ids) == 5
    assert max(Counter(sink.message_ids).values()) == 2


def test_a_letter_that_always_makes_the_server_hang_up_is_given_up_and_stops_nobody(
    crowd, sink: Sink, watch: Watch
):
    crowd(4)
    sink.hangs_up_on.add("person1@example.org")

    mails.send_due(clock=watch)

    assert states() == {"sent": 3, "due": 1}
    assert not is_resting(watch)

    for _ in range(replies.RETRY.most_attempts + 3):
        watch.wind(hours=7)
        mails.send_due(clock=watch)

    failed = FollowUp.objects.get(state="failed")
    assert (failed.attempts, failed.last_error) == (12, "SMTPServerDisconnected")
    assert len(sink.messages) == 3


def test_a_server_that_takes_letters_and_never_says_so_gets_each_a_few_times(
    crowd, sink: Sink, watch: Watch
):
    crowd(1)
    sink.drop_after, sink.drop_keeps = 0, True

    for _ in range(60):
        mails.send_due(clock=watch)
        watch.wind(hours=1)

    assert states() == {"failed": 1}
    assert len(sink.messages) == replies.RETRY.most_attempts
    assert len(set(sink.message_ids)) == 1


def test_a_server_that_hangs_up_on_everybody_is_left_alone_and_the_others_go_back(
    crowd, sink: Sink, watch: Watch
):
    crowd(10)
    sink.drop_after = 2

    mails.send_due(clock=watch)

    assert is_resting(watch)
    assert states() == {"sent": 2, "due": 8}
    untried = FollowUp.objects.filter(
        state="due", leased_until=None, attempts=0, due_at__lt=watch()
    )
    assert untried.count() == 8 - replies.HUNG_UP.opens_after
    sent_at = FollowUp.objects.filter(state="sent").values_list("sent_at", flat=True)
    assert set(sent_at) == {SOON}

    sink.drop_after = None
    watch.wind(minutes=1)
    assert try_one(watch) == {"sent": 3, "due": 7}
    mails.send_due(clock=watch)

    assert states() == {"sent": 10}
    assert sorted(sink.message_ids) == sorted(ids())


def test_what_is_given_back_takes_nothing_from_what_is_done(crowd, watch: Watch):
    crowd(3)
    done, stopped, unsent = claim(watch)
    outcomes.sent(errand=claiming.Errand(done, None, None), now=watch())
    privacy.unsubscribe(candidate_id=stopped.candidate_id, now=NOON)

    claiming.release(unsent=[done, stopped, unsent])

    assert states() == {"sent": 1, "suppressed": 1, "due": 1}


def test_a_session_that_ends_with_421_is_an_outage(crowd, sink: Sink, watch: Watch):
    first, _second = crowd(2)
    first.followups.update(due_at=NOON - timedelta(seconds=1))
    sink.refuse["person0@example.org"] = (421, "closing")

    mails.send_due(clock=watch)

    assert states() == {"sent": 1, "due": 1}
    assert sink.connections == 2


@pytest.mark.parametrize("code", [500, 550, 554])
def test_a_refusal_without_a_reason_is_believed_the_second_time(
    crowd, sink: Sink, watch: Watch, code: int
):
    crowd(2)
    sink.refuse["person0@example.org"] = (code, "no")

    mails.send_due(clock=watch)
    assert states() == {"sent": 1, "due": 1}
    watch.wind(minutes=1)
    mails.send_due(clock=watch)

    assert states() == {"sent": 1, "failed": 1}
    assert FollowUp.objects.get(state="failed").attempts == 2


def test_a_server_that_refuses_everybody_fails_nobody(crowd, sink: Sink, watch: Watch):
    crowd(12)
    sink.answer_data = (554, "5.7.1 relay access denied")

    mails.send_due(clock=watch)
    assert is_resting(watch)
    for _ in range(40):
        watch.wind(minutes=1)
        mails.send_due(clock=watch)

    assert states() == {"due": 12}
    # The fifth in a row and all after it cost nothing.
    assert Counter(FollowUp.objects.values_list("attempts", flat=True)) == {0: 8, 1: 4}

    sink.answer_data = None
    watch.wind(hours=7)
    assert try_one(watch) == {"sent": 1, "due": 11}
    mails.send_due(clock=watch)

    assert states() == {"sent": 12}


def test_refusals_and_hang_ups_with_letters_between_them_are_no_outage(
    crowd, sink: Sink, watch: Watch
):
    crowd(24)
    for number in (0, 1, 2, 3, 5, 6, 7, 8):
        sink.refuse[f"person{number}@example.org"] = (554, "no")
    sink.hangs_up_on = {f"person{number}@example.org" for number in (10, 11, 13, 14, 16, 17)}

    mails.send_due(clock=watch)

    assert not is_resting(watch)
    assert states() == {"sent": 10, "due": 14}


def test_many_addresses_that_do_not_exist_stop_nobody(crowd, sink: Sink, watch: Watch):
    crowd(12)
    for number in range(11):
        sink.refuse[f"person{number}@example.org"] = (550, "5.1.1 no such user")

    mails.send_due(clock=watch)

    assert states() == {"failed": 11, "sent": 1}


@pytest.mark.parametrize("limit", ["OPEN_SECONDS", "LETTER_SECONDS"])
def test_a_server_that_says_a_byte_at_a_time_is_cut_off(
    crowd, watch: Watch, settings, monkeypatch, limit: str
):
    """Each byte comes in time, the whole takes longer than it may: else it would be sent."""
    crowd(1)
    monkeypatch.setattr(mail, limit, 0.5)
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = "recruit.mail.EmailBackend", "127.0.0.1"
    pause = 0.1 if limit == "OPEN_SECONDS" else 0.05

    with slow_server(pause) as settings.EMAIL_PORT:
        mails.send_due(clock=watch)

    assert states() == {"due": 1}
    assert FollowUp.objects.get().attempts == (limit == "LETTER_SECONDS")


def test_a_welcome_that_was_being_planned_during_the_opt_out_is_not_begun(
    sign_up: SignUp, ada: Answers, watch: Watch
):
    """The opt-out could not see the row, and the claim came before the opt-out was committed."""
    candidate = sign_up(ada)
    signup.confirm(candidate_id=candidate.id, now=NOON)
    welcome = next(it for it in claim(watch) if it.step == mails.step(mails.WELCOME))
    digest = privacy.digest(candidate.email_canonical)

    Suppression.objects.create(digest=digest, reason="unsubscribed", at=watch())

    assert followups.begin(followup=welcome, now=watch()) is False


def test_one_thread_of_a_process_sends_in_a_lane_and_no_more(crowd, sink: Sink, watch: Watch):
    crowd(1)
    sending._senders[Lane.URGENT].acquire()

    followups.sweep(lane=Lane.URGENT, clock=watch)
    assert sink.messages == []

    sending._senders[Lane.URGENT].release()
    followups.sweep(lane=Lane.URGENT, clock=watch)
    assert len(sink.messages) == 1


def test_a_worker_that_died_with_mails_in_hand_loses_none(crowd, sink: Sink, watch: Watch):
    crowd(3)
    begun, *_ = claim(watch)
    followups.begin(followup=begun, now=watch())

    assert mails.send_due(clock=watch) == 0  # still its own
    watch.now += followups.LEASE + timedelta(seconds=1)
    mails.send_due(clock=watch)

    assert states() == {"sent": 3}
    assert set(sink.message_ids) == ids()


def test_a_lease_that_was_lost_begins_nothing(crowd, sink: Sink, watch: Watch):
    crowd(1)
    (slow,) = claim(watch)
    watch.now += followups.LEASE + timedelta(seconds=1)
    (quick,) = claim(watch)

    assert followups.begin(followup=slow, now=watch()) is False
    assert followups.begin(followup=quick, now=watch()) is True


def test_a_worker_that_wakes_up_too_late_takes_nothing_from_the_one_that_came_after(
    crowd, watch: Watch
):
    """Frozen for longer than its lease: what it learns then is no news."""
    crowd(4)
    begun, *unsent = claim(watch)
    followups.begin(followup=begun, now=watch())
    watch.now += followups.LEASE + timedelta(seconds=1)
    again = {it.id: it for it in claim(watch)}
    for it in again.values():
        followups.begin(followup=it, now=watch())
    outcomes.sent(errand=claiming.Errand(again[begun.id], None, None), now=watch())

    answer = outcomes.Answer(SMTPServerDisconnected("the line was cut"))
    outcomes.put_off(followup=begun, answer=answer, now=watch())
    outcomes.put_off(followup=unsent[0], answer=answer, now=watch())
    settling.put_off_all(late=[(it, watch()) for it in unsent])
    claiming.release(unsent=unsent)
    begun.attempts = replies.HUNG_UP.most_attempts
    outcomes.fail_or_put_off(errand=claiming.Errand(begun, None, None), answer=answer, now=watch())
    watch.wind(seconds=30)  # the lease of the other one still lasts

    assert states() == {"sent": 1, "sending": 3}
    assert claim(watch) == []


def test_what_is_stopped_while_the_server_hesitates_is_not_owed_again(crowd, watch: Watch):
    crowd(1)
    (begun,) = claim(watch)
    followups.begin(followup=begun, now=watch())
    privacy.unsubscribe(candidate_id=begun.candidate_id, now=watch())

    answer = outcomes.Answer(SMTPServerDisconnected("the line was cut"))
    outcomes.fail_or_put_off(errand=claiming.Errand(begun, None, None), answer=answer, now=watch())

    assert states() == {"suppressed": 1}


@pytest.mark.django_db(transaction=True)
def test_many_workers_send_each_mail_once(crowd, sink: Sink, watch: Watch):
    crowd(120)

    def work(_: int) -> None:
        with closing(connection):
            while mails.send_due(clock=watch):
                pass

    with ThreadPoolExecutor(4) as workers:
        list(workers.map(work, range(4)))

    assert states() == {"sent": 120}
    assert sorted(sink.message_ids) == sorted(ids())


@pytest.fixture
def broken_claim(monkeypatch) -> Iterator[None]:
    """A claim as one would write it first: look what is due, then say that it's taken."""
    everyone_has_looked = threading.Barrier(4)

    def claim(*, lane: Lane, now: datetime) -> list[FollowUp]:
        due = list(FollowUp.objects.due(lane=lane, at=now).select_related(*letters.SELECT))
        everyone_has_looked.wait(timeout=10)
        return due

    monkeypatch.setattr(claiming, "claim", claim)
    monkeypatch.setattr(claiming, "begin", lambda **_: True)
    return


@pytest.mark.django_db(transaction=True)
def test_a_broken_twin_without_a_claim_is_caught(
    crowd, sink: Sink, watch: Watch, broken_claim: None
):
    crowd(5)

    def work(_: int) -> None:
        with closing(connection):
            followups.send_due(lane=Lane.URGENT, clock=watch)

    with ThreadPoolExecutor(4) as workers:
        list(workers.map(work, range(4)))

    assert sorted(sink.message_ids) != sorted(ids())


@pytest.mark.django_db(transaction=True)
def test_no_mail_begins_after_the_opt_out_was_committed(crowd, watch: Watch):
    """Opt-out and sender race for each of 40 mails; the later one must see the earlier one."""
    crowd(40)
    for claimed in claim(watch):
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
