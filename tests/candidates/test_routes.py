"""Nobody's mail server is asked for more than it takes, by all workers together."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from candidates import letters
from candidates.models import FollowUp, Step
from candidates.signup import Answers
from partners import mail_routes
from partners.mail_routes import PROVIDER, Grant
from partners.models import MailRoute
from tests import mails
from tests.candidates.test_sending import Watch, states
from tests.conftest import NOON, SignUp
from tests.sink import Sink

HERE = "domain:example.org"
SOON = NOON + timedelta(seconds=1)


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture(autouse=True)
def _one_mail_each(drive, _what_ships: None) -> None:
    Step.objects.exclude(number=1).update(removed_at=NOON)


@pytest.fixture
def crowd(sign_up: SignUp, ada: Answers):
    def crowd(number: int, domain: str = "example.org") -> None:
        for n in range(number):
            sign_up(replace(ada, email=f"person{n}@{domain}"))

    return crowd


def take(number: int, *, key: str = PROVIDER, is_urgent: bool = True, at=SOON) -> Grant:
    return mail_routes.take(counts={key: number}, is_urgent=is_urgent, now=at)[key]


def fail(most: int = 5, *, key: str = PROVIDER, is_trial: bool = False, at=SOON) -> bool:
    return mail_routes.note_failure(key=key, most=most, is_trial=is_trial, now=at)


def rest(key: str = PROVIDER) -> timedelta:
    rests_until = MailRoute.objects.get(key=key).rests_until
    assert rests_until
    return rests_until - SOON


@pytest.mark.django_db
def test_where_no_rate_is_set_any_number_may_leave_and_nothing_is_written():
    assert mail_routes.take(counts={PROVIDER: 100, HERE: 100}, is_urgent=False, now=SOON) == {}

    assert not MailRoute.objects.exists()


@pytest.mark.django_db
def test_a_rate_lets_so_many_leave_in_a_second(settings):
    settings.MAIL_RATE_PER_SECOND = 10.0

    assert take(100).number == 20  # two seconds' worth
    assert take(100).number == 0
    assert take(100, at=SOON + timedelta(seconds=1)).number == 10
    assert take(100, at=SOON + timedelta(hours=1)).number == 20


@pytest.mark.django_db
def test_bulk_leaves_the_last_fifth_to_what_somebody_waits_for(settings):
    settings.MAIL_RATE_PER_SECOND = 10.0

    assert take(100, is_urgent=False).number == 16
    assert take(100, is_urgent=False).number == 0
    assert take(100).number == 4


@pytest.mark.django_db(transaction=True)
def test_many_workers_take_no_more_than_there_is(settings):
    settings.MAIL_RATE_PER_SECOND = 50.0

    def work(_: int) -> int:
        with closing(connection):
            return sum(take(7).number for _ in range(10))

    with ThreadPoolExecutor(4) as workers:
        taken = sum(workers.map(work, range(4)))

    assert taken == 100


@pytest.mark.django_db(transaction=True)
def test_a_broken_twin_that_looks_first_and_takes_afterwards_is_caught(settings, monkeypatch):
    settings.MAIL_RATE_PER_SECOND = 50.0
    take(0)
    monkeypatch.setattr(mail_routes, "TAKE", mail_routes.TAKE.replace("FOR UPDATE OF route", ""))
    monkeypatch.setattr(
        mail_routes,
        "TAKE",
        mail_routes.TAKE.replace("SELECT *, CASE", "SELECT *, pg_sleep(0.05), CASE"),
    )

    def work(_: int) -> int:
        with closing(connection):
            return sum(take(7).number for _ in range(10))

    with ThreadPoolExecutor(4) as workers:
        taken = sum(workers.map(work, range(4)))

    assert taken > 100


def test_what_a_domain_has_no_room_for_is_put_off_as_it_refills_and_costs_nothing(
    crowd, sink: Sink, watch: Watch, settings
):
    settings.MAIL_DOMAIN_RATES = {"slow.example.org": 2.0}
    crowd(8, "slow.example.org")
    crowd(3, "quick.example.org")

    mails.send_due(clock=watch)

    assert states() == {"sent": 8, "due": 3}
    late = FollowUp.objects.filter(state="due").order_by("due_at")
    waits = [(it.due_at - SOON).total_seconds() for it in late]
    assert waits == [0.5, 1.0, 1.5]
    assert set(late.values_list("attempts", "leased_until", "last_error")) == {(0, None, "")}

    watch.wind(seconds=2)
    mails.send_due(clock=watch)
    assert states() == {"sent": 11}


def test_what_the_provider_has_no_room_for_keeps_its_place(
    crowd, sink: Sink, watch: Watch, settings
):
    settings.MAIL_RATE_PER_SECOND = 2.0
    crowd(8)

    assert [mails.send_due(clock=watch) for _ in range(2)] == [8, 0]

    assert states() == {"sent": 5, "due": 3}
    due = FollowUp.objects.filter(state="due")
    assert set(due.values_list("due_at", "leased_until")) == {(NOON, None)}


def test_what_a_domain_may_take_and_the_provider_may_not_is_given_back(
    crowd, sink: Sink, watch: Watch, settings
):
    settings.MAIL_RATE_PER_SECOND, settings.MAIL_DOMAIN_RATES = 2.0, {"example.org": 10.0}
    crowd(8)

    mails.send_due(clock=watch)

    assert MailRoute.objects.get(key=HERE).tokens == 20 - 5


@pytest.mark.django_db
def test_a_way_is_closed_after_some_failures_in_a_row_and_rests_longer_each_time():
    assert [fail() for _ in range(5)] == [False] * 4 + [True]
    assert rest() == timedelta(seconds=15)

    at, rests = SOON, []
    for _ in range(4):
        at += timedelta(minutes=11)
        assert take(100, at=at).is_trial
        fail(is_trial=True, at=at)
        rests.append((rest() - (at - SOON)).total_seconds())

    assert rests == [30, 60, 60, 60]


@pytest.mark.django_db
def test_what_was_on_its_way_when_it_was_closed_makes_no_rest_longer():
    for _ in range(5):
        fail()

    assert [fail() for _ in range(3)] == [True] * 3

    assert rest() == timedelta(seconds=15)


@pytest.mark.django_db
def test_after_its_rest_one_mail_tries_and_no_other_worker_does():
    fail(most=1)
    after = SOON + timedelta(seconds=16)

    assert take(100, at=SOON).number == 0
    assert (take(100, at=after).number, take(100, at=after).number) == (1, 0)

    mail_routes.note_success(key=PROVIDER)
    assert PROVIDER not in mail_routes.take(counts={HERE: 1}, is_urgent=False, now=after)
    assert take(100, at=after).number == 100


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("locks", "is_one"), [("FOR UPDATE OF route", True), ("", False)])
def test_of_workers_that_find_the_rest_over_at_once_one_tries(monkeypatch, locks, is_one):
    """And the broken twin, which looks without a lock, is caught."""
    slow = mail_routes.TAKE.replace("SELECT *, CASE", "SELECT *, pg_sleep(0.1), CASE")
    monkeypatch.setattr(mail_routes, "TAKE", slow.replace("FOR UPDATE OF route", locks))
    all_ready = Barrier(4)
    fail(most=1)

    def work(_: int) -> int:
        with closing(connection):
            connection.ensure_connection()
            all_ready.wait()
            return take(100, at=SOON + timedelta(seconds=16)).number

    with ThreadPoolExecutor(4) as workers:
        trials = sum(workers.map(work, range(4)))

    assert (trials == 1) is is_one


@pytest.mark.django_db
def test_a_trial_whose_worker_died_is_followed_by_another():
    fail(most=1)
    after = SOON + timedelta(seconds=16)
    take(100, at=after)

    assert take(100, at=after + mail_routes.TRIAL).number == 1


def test_a_domain_that_says_too_many_is_left_alone_and_the_others_are_not(
    crowd, sink: Sink, watch: Watch
):
    crowd(9, "busy.example.org")
    crowd(3)
    for n in range(9):
        sink.refuse[f"person{n}@busy.example.org"] = (421, "4.7.0 too many messages")

    mails.send_due(clock=watch)

    assert states() == {"sent": 3, "due": 9}
    assert mail_routes.is_resting(key="domain:busy.example.org", now=watch())
    assert not mail_routes.is_resting(key=PROVIDER, now=watch())

    watch.wind(seconds=1)
    tried = sink.connections
    mails.send_due(clock=watch)
    waiting = FollowUp.objects.filter(attempts=0, due_at__gte=SOON + mail_routes.FIRST_REST)
    assert (waiting.count(), sink.connections) == (4 + 1, tried)


def test_a_success_forgets_the_failures_before_it(crowd, sink: Sink, watch: Watch):
    crowd(1)
    for _ in range(4):
        fail()

    mails.send_due(clock=watch)

    assert MailRoute.objects.get(key=PROVIDER).failures == 0


@pytest.mark.parametrize(
    "said", [(550, "5.1.1 no such user"), (452, "4.2.2 full"), (421, "4.7.0 too many")]
)
def test_a_server_that_speaks_of_a_reader_is_back(
    crowd, sink: Sink, watch: Watch, said: tuple[int, str]
):
    """The first to try after its rest is an address that it does not take."""
    crowd(4)
    FollowUp.objects.filter(candidate__email="person0@example.org").update(due_at=NOON)
    fail(most=1)
    watch.wind(seconds=16)
    sink.refuse["person0@example.org"] = said

    mails.send_due(clock=watch)
    assert not mail_routes.is_resting(key=PROVIDER, now=watch())
    mails.send_due(clock=watch)

    assert states()["sent"] == 3


def test_a_letter_that_cannot_be_written_says_nothing_of_the_server(
    crowd, sink: Sink, watch: Watch, monkeypatch: pytest.MonkeyPatch
):
    def poison(**_: object) -> None:
        raise ValueError

    crowd(1)
    fail(most=1)
    watch.wind(seconds=16)
    monkeypatch.setattr(letters, "write", poison)

    mails.send_due(clock=watch)

    assert mail_routes.is_resting(key=PROVIDER, now=watch())


def test_a_mail_that_leaves_costs_its_way_nothing(crowd, sink: Sink, watch: Watch):
    """Two statements for each mail: begin and settle. What a batch costs is asked once."""

    def asked(number: int) -> int:
        for n in range(number):
            crowd(1, f"of{number}-{n}.example.org")
        with CaptureQueriesContext(connection) as asked:
            mails.send_due(clock=watch)
        return len(asked)

    asked(1)
    assert asked(7) - asked(2) == 2 * 5
