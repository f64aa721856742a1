"""What people are told while PostgreSQL is away, slow, locked or a replica that only reads."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.db import InterfaceError, InternalError, OperationalError, connection
from django.test import Client

from candidates import keys, privacy, signup
from candidates.signup import Answers
from partners import drives, links, totals
from partners.models import Drive, ReferralLink, User
from recruit.away import AWAY
from recruit.memory import Kept
from recruit.postgresql.base import HEALTH_CHECK_SECONDS, DatabaseWrapper
from tests.conftest import SignUp

Trouble = Callable[..., None]


def failing(trouble: type[Exception]) -> Trouble:
    def fail(*_: object, **__: object) -> None:
        raise trouble

    return fail


@pytest.fixture
def person() -> Client:
    """A browser gets the page of an error, not the error."""
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("trouble", AWAY)
def test_a_sign_up_is_told_and_gets_back_what_was_typed(
    person: Client,
    drive: Drive,
    form_of_ada: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    trouble: type[Exception],
) -> None:
    monkeypatch.setattr(signup, "sign_up", failing(trouble))

    response = person.post("/", form_of_ada)

    assert response.status_code == 503
    assert "Buses that come." in response.content.decode()


@pytest.mark.parametrize("trouble", [OperationalError, InterfaceError, InternalError])
@pytest.mark.parametrize("purpose", ["confirm", "unsubscribe"])
def test_a_mail_program_is_told_to_come_again(
    person: Client,
    ada: Answers,
    sign_up: SignUp,
    monkeypatch: pytest.MonkeyPatch,
    purpose: str,
    trouble: type[Exception],
) -> None:
    key = keys.make(purpose=purpose, candidate_id=sign_up(ada).id)
    monkeypatch.setattr(signup, "confirm", failing(trouble))
    monkeypatch.setattr(privacy, "unsubscribe", failing(trouble))

    response = person.post(f"/{purpose}/{key}/")

    assert (response.status_code, response["Retry-After"]) == (503, "10")
    assert "default-src 'none'" in response["Content-Security-Policy"]


@pytest.mark.parametrize(("path", "told"), [("/live/", "Back in"), ("/es/live/", "Volvemos")])
def test_each_reads_it_in_their_language(
    person: Client, monkeypatch: pytest.MonkeyPatch, path: str, told: str
) -> None:
    monkeypatch.setattr(totals, "public", failing(OperationalError))

    response = person.get(path)

    assert response.status_code == 503
    assert told in response.content.decode()


def test_a_session_that_cannot_be_read_is_no_fault_of_ours(
    person: Client, organiser: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    person.force_login(organiser)
    monkeypatch.setattr(
        "django.contrib.sessions.backends.db.SessionStore.load", failing(OperationalError)
    )

    assert person.get("/partners/").status_code == 503


def test_a_middleware_that_needs_it_is_answered_for_too(
    person: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "django.contrib.auth.middleware.AuthenticationMiddleware.process_request",
        failing(OperationalError),
    )
    person.handler.load_middleware()

    assert person.get("/privacy/").status_code == 503


def test_a_fault_of_ours_is_not_called_an_absence(
    person: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(totals, "public", failing(KeyError))

    assert person.get("/live/").status_code == 500


def test_an_outage_fills_no_log_with_tracebacks(
    person: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(totals, "public", failing(OperationalError))

    person.get("/live/")

    assert {(it.levelname, it.exc_info) for it in caplog.records} == {("WARNING", None)}


@pytest.mark.parametrize("address", ["/", "/embed/teach-ig/"])
def test_a_sign_up_that_is_not_saved_is_no_error_in_the_log(
    drive: Drive,
    link: ReferralLink,
    form_of_ada: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    address: str,
) -> None:
    monkeypatch.setattr(signup, "sign_up", failing(OperationalError))

    answer = Client().post(address, form_of_ada)

    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert {(it.levelname, it.exc_info) for it in caplog.records} == {("WARNING", None)}


@pytest.mark.parametrize("trouble", AWAY)
def test_what_is_in_memory_goes_on(
    drive: Drive, link: ReferralLink, monkeypatch: pytest.MonkeyPatch, trouble: type[Exception]
) -> None:
    client = Client()
    client.get("/r/teach-ig")
    before = client.get("/").content
    for module in (drives, links, totals):
        module._kept.expire()

    with monkeypatch.context() as outage:
        outage.setattr("django.db.backends.utils.CursorWrapper.execute", failing(trouble))
        link, page, health = (client.get(path) for path in ("/r/teach-ig", "/", "/healthz"))

    assert (link.status_code, page.content, health.status_code) == (302, before, 503)


def test_with_nothing_in_memory_whoever_asks_is_told() -> None:
    with pytest.raises(OperationalError):
        Kept(seconds=1).get(failing(OperationalError))


def test_one_thread_renews_while_the_others_go_on() -> None:
    numbers, letters = Kept(seconds=60), Kept(seconds=60)
    assert (numbers.get(lambda: 1), letters.get(lambda: "a")) == (1, "a")
    for kept in (numbers, letters):
        kept.expire()
    is_reading, may_end = threading.Event(), threading.Event()

    def slow() -> int:
        is_reading.set()
        may_end.wait(5)
        return 2

    thread = threading.Thread(target=numbers.get, args=[slow])
    thread.start()
    is_reading.wait(5)
    meanwhile = numbers.get(failing(AssertionError)), letters.get(failing(AssertionError))
    may_end.set()
    thread.join()

    assert meanwhile == (1, "a")
    assert (numbers.get(lambda: 3), letters.get(lambda: "b")) == (2, "b")


def test_what_is_kept_may_be_read_from_what_else_is_kept() -> None:
    inner, outer = Kept(seconds=60), Kept(seconds=60)
    for number in (1, 2):
        inner.expire()
        outer.expire()
        assert outer.get(lambda number=number: inner.get(lambda: number)) == number


@pytest.fixture
def impatient(django_db_blocker: Any) -> Iterator[DatabaseWrapper]:
    """A connection that bears a fifth of a second of silence."""
    wrapper = connection.copy()
    wrapper.settings_dict["SILENCE_SECONDS"] = 0.2
    with django_db_blocker.unblock():
        yield wrapper
        wrapper.close()


def test_a_server_that_says_nothing_is_given_up(impatient: DatabaseWrapper) -> None:
    with pytest.raises(OperationalError), impatient.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(1)")

    assert not impatient.is_usable()


def test_the_next_request_finds_another_connection(impatient: DatabaseWrapper) -> None:
    with pytest.raises(OperationalError), impatient.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(1)")
    impatient.close_if_unusable_or_obsolete()

    impatient.settings_dict["SILENCE_SECONDS"] = 60  # connecting may take its time
    with impatient.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)


def test_whether_a_connection_still_answers_is_known_soon(
    impatient: DatabaseWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    impatient.settings_dict["SILENCE_SECONDS"] = 60
    borne: list[float | None] = []
    wait = psycopg.Connection.wait

    def recording(self: Any, generator: Any, **options: Any) -> Any:
        borne.append(options.get("timeout"))
        return wait(self, generator, **options)

    monkeypatch.setattr(psycopg.Connection, "wait", recording)
    impatient.ensure_connection()
    borne.clear()

    assert impatient.is_usable()
    assert set(borne) == {HEALTH_CHECK_SECONDS}

    with impatient.cursor() as cursor:
        cursor.execute("SELECT 1")
    assert borne[-1] == 60


def test_only_one_thread_finds_out_whether_the_server_is_back(
    impatient: DatabaseWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DatabaseWrapper, "is_silent", True)
    with DatabaseWrapper._finding_out, pytest.raises(OperationalError):
        impatient.ensure_connection()

    impatient.ensure_connection()

    assert not DatabaseWrapper.is_silent
