"""Every sign-up that was accepted is there, whatever is killed meanwhile; and a loss is noticed."""

import pytest

from tests.faults.scenes import signing
from tests.faults.stage import Outcome

FORGETFUL = ("synchronous_commit=off", "wal_writer_delay=10s", "bgwriter_lru_maxpages=0")


@pytest.mark.plays(scene=signing.postgres_killed)
def test_killing_postgresql_loses_no_sign_up_that_was_accepted(outcome: Outcome) -> None:
    assert outcome.off == set(), outcome.table()


@pytest.mark.plays(scene=signing.redis_away)
def test_signing_up_does_not_need_redis(outcome: Outcome) -> None:
    assert outcome.off == set(), outcome.table()


@pytest.mark.plays(scene=signing.flushes)
def test_emptying_redis_every_two_seconds_loses_nothing(outcome: Outcome) -> None:
    assert outcome.off == set(), outcome.table()


@pytest.mark.plays(scene=signing.lines_cut)
def test_cutting_every_line_at_any_moment_loses_nothing(outcome: Outcome) -> None:
    assert outcome.off == set(), outcome.table()


@pytest.mark.plays(scene=signing.the_same)
def test_twenty_times_the_same_at_once_is_one_person(outcome: Outcome) -> None:
    assert outcome.off == set(), outcome.table()


@pytest.mark.plays(scene=signing.postgres_killed, size="twin", settings=FORGETFUL)
def test_a_database_that_answers_before_it_has_written_is_caught(outcome: Outcome) -> None:
    assert "accepted sign-ups that are one person each" in outcome.off, outcome.table()


@pytest.mark.plays(scene=signing.redis_away, size="twin", web_twin="asks_redis")
def test_a_form_that_waits_for_redis_is_caught(outcome: Outcome) -> None:
    assert signing.AT_ONCE in outcome.off, outcome.table()
