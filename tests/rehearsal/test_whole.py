"""The whole of it: real processes of a rehearsal, somebody who signs up in it, and the purge."""

import json
import time
from collections.abc import Callable
from http import HTTPStatus

import pytest
from django.utils import timezone

from candidates.replay.browser import Answer, Browser
from candidates.signup import Answers
from partners import rehearsals
from partners.models import ReferralLink, User
from recruit.local import processes
from recruit.rehearsal import alive
from tests.conftest import SignUp
from tests.rehearsal.conftest import Begin, places_of, real, tables

PATIENCE_SECONDS = 60
BO = "bo.rehearses@example.org"


def until(is_so: Callable[[], object]) -> bool:
    return processes.wait_until(is_so, seconds=PATIENCE_SECONDS, pause=0.5)


def today(browser: Browser) -> int:
    answer = browser.get("/totals.json")
    return json.loads(answer.body)["today"]["count"] if answer.status == 200 else -1


def says_there_is_none(answer: Answer) -> bool:
    words = ("There is no rehearsal now", "Ahora no hay ningún ensayo")
    is_said = all(it.encode() in answer.body for it in words)
    return is_said and answer.status == HTTPStatus.SERVICE_UNAVAILABLE


@pytest.mark.usefixtures("redis")
def test_a_rehearsed_day_is_counted_there_and_nowhere_else_and_leaves_nothing(
    begin_whole: Begin,
    processes_of_it: Browser,
    link: ReferralLink,
    organiser: User,
    sign_up: SignUp,
    ada: Answers,
    form_of_ada: dict[str, str],
) -> None:
    browser = processes_of_it
    sign_up(ada, link.code)
    before = real()
    assert until(lambda: says_there_is_none(browser.get("/es/")))

    rehearsal = begin_whole()
    assert until(lambda: today(browser) == 0)
    browser.get(f"/r/{link.code}")
    taken = browser.post("/", form_of_ada | {"email": BO})

    assert taken.status == HTTPStatus.FOUND
    assert until(lambda: today(browser) == 1)
    assert until(lambda: not alive.silent())
    assert places_of(BO) == {"rehearsal"}
    look = rehearsals.look(now=timezone.now())
    assert look
    assert (look.numbers.people, look.numbers.credits, look.silent) == (1, 1, ())
    assert real() == before

    rehearsals.purge(rehearsal=rehearsal, by=None, now=timezone.now())

    assert places_of(BO) == set()
    assert {schema for schema, _table in tables()} == {"public"}
    assert real() == before
    assert until(lambda: says_there_is_none(browser.get("/")))
    rehearsal.refresh_from_db()
    assert (rehearsal.people, rehearsal.credits) == (1, 1)

    begin_whole()
    assert until(lambda: today(browser) == 0)
    time.sleep(2)
    assert real() == before
