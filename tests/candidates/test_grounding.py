"""After a backup was restored nothing leaves until a colleague has looked."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from candidates import pauses
from candidates.followups import grounding
from candidates.models import FollowUp, Lane, MailGround, MailPause
from candidates.signup import Answers
from partners.models import User
from recruit import valkey
from recruit.local import folders, programs
from tests import mails
from tests.conftest import NOON, SignUp
from tests.sink import Sink

SOON = NOON + timedelta(seconds=1)
RESTORED = MailPause.Reason.RESTORED


@pytest.fixture
def owed(sign_up: SignUp, ada: Answers, _what_ships: None) -> FollowUp:
    return mails.of(sign_up(ada))


def send() -> int:
    return mails.send_due(clock=lambda: SOON)


def holds() -> bool:
    return grounding.holds(now=SOON)


def reasons() -> dict[Lane, str]:
    return {lane: it.reason for lane, it in pauses.paused().items()}


def errors(caplog) -> list[str]:
    return [it.getMessage() for it in caplog.records if it.levelname == "ERROR"]


def test_the_first_sweep_takes_the_ground_and_sends(owed: FollowUp, sink: Sink):
    assert send() == 1

    assert len(sink.messages) == 1
    assert MailGround.objects.get().place.split("/")[1:] == [oid_of_database(), oid_of_table()]


def test_a_claim_that_sends_moves_the_mark_and_an_idle_sweep_does_not(owed: FollowUp, sink: Sink):
    send()
    send()

    assert MailGround.objects.get().mark == 1


def test_a_database_that_finds_itself_elsewhere_sends_nothing_and_says_so_once(
    owed: FollowUp, sink: Sink, caplog
):
    send()
    MailGround.objects.update(place="7301/1/2")
    FollowUp.objects.update(state="due", sent_at=None)
    sink.received.clear()

    assert [send() for _ in range(3)] == [0, 0, 0]

    assert sink.messages == []
    assert reasons() == {Lane.URGENT: RESTORED, Lane.BULK: RESTORED}
    (line,) = errors(caplog)
    assert "was restored from a backup (it stood at 7301/1/2 and stands at " in line


def test_a_mark_that_was_set_back_is_noticed_by_the_witness(owed: FollowUp, sink: Sink, caplog):
    holds()
    grounding._copy(7)
    MailGround.objects.update(mark=4)

    assert send() == 0

    assert sink.messages == []
    assert reasons() == {Lane.URGENT: RESTORED, Lane.BULK: RESTORED}
    assert "(3 claims are missing)" in errors(caplog)[0]


def test_whoever_resumes_has_decided_and_it_is_not_asked_again(
    owed: FollowUp, sink: Sink, staffer: User
):
    grounding._copy(7)
    send()
    for lane in Lane:
        pauses.resume(lane=lane, author=staffer, now=SOON)

    assert send() == 1

    assert len(sink.messages) == 1
    assert MailGround.objects.get().mark == 8


@pytest.mark.django_db(transaction=True)
def test_the_witness_is_told_what_was_committed(owed: FollowUp, sink: Sink):
    send()

    assert grounding._witness() == MailGround.objects.get().mark == 1


def test_a_copy_that_comes_late_takes_nothing_back():
    grounding._copy(9)
    grounding._copy(8)

    assert grounding._witness() == 9


@pytest.mark.django_db
def test_a_redis_that_lost_everything_is_no_alarm():
    holds()
    MailGround.objects.update(mark=900)

    assert holds()


@pytest.mark.django_db
def test_a_redis_that_is_away_is_no_alarm(redis_away):
    assert holds()
    grounding.advance()
    grounding._copy(1)


@pytest.mark.django_db
def test_a_server_that_may_not_tell_its_name_is_known_by_its_numbers(monkeypatch):
    monkeypatch.setattr(grounding, "_may_ask", lambda: False)

    assert holds()

    place = f"managed/{oid_of_database()}/{oid_of_table()}"
    assert MailGround.objects.get().place == place


@pytest.mark.django_db
def test_a_sweep_with_nothing_to_send_asks_twice(django_assert_num_queries):
    send()

    with django_assert_num_queries(2):
        holds()
        pauses.paused()


@pytest.mark.django_db(transaction=True)
def test_a_dump_that_was_restored_into_another_database_is_noticed(
    owed: FollowUp, sink: Sink, caplog
):
    """A real pg_dump, taken before the mail left, and a real restore."""
    holds()
    dump = pg("pg_dump", "--format=plain", "--no-owner")
    send()
    assert len(sink.messages) == 1

    valkey.client.delete(grounding.KEY)  # the place alone tells it

    with restored(dump):
        assert FollowUp.objects.filter(state="due").count() == 1
        assert send() == 0
        assert reasons() == {Lane.URGENT: RESTORED, Lane.BULK: RESTORED}

    assert len(sink.messages) == 1
    assert len(errors(caplog)) == 1


@contextmanager
def restored(dump: str) -> Iterator[None]:
    """We work on a database that was made of this dump, on the same server."""
    ours, restored = connection.settings_dict["NAME"], "restored_from_a_backup"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {restored} TEMPLATE template0")
    try:
        pg("psql", "--quiet", "--set=ON_ERROR_STOP=1", content=dump, name=restored)
        connection.close()
        connection.settings_dict["NAME"] = restored
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = ours
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {restored}")


def oid_of_database() -> str:
    return asked("SELECT oid FROM pg_database WHERE datname = current_database()")


def oid_of_table() -> str:
    return asked("SELECT 'candidates_mailground'::regclass::oid")


def asked(question: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return str(cursor.fetchone()[0])


def pg(program: str, *words: str, content: str | None = None, name: str = "") -> str:
    known = connection.get_connection_params()
    words_of_libpq = {
        "PGHOST": known.get("host", ""),
        "PGPORT": str(known.get("port") or ""),
        "PGUSER": known.get("user", ""),
        "PGPASSWORD": known.get("password", ""),
        "PGDATABASE": name or known["dbname"],
    }
    env = os.environ | {key: value for key, value in words_of_libpq.items() if value}
    place = folders.of(Path(settings.BASE_DIR))
    programs_of_server = programs.postgres(place, major=connection.pg_version // 10_000)
    done = subprocess.run(
        [programs_of_server / program, *words],
        env=env,
        input=content,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout
