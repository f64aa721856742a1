"""The map of states: every place once, no small number told, one reading for any audience."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client

from candidates import zips
from partners import maps, milestones, totals
from partners.models import Drive
from tests.conftest import NOON
from tests.partners.test_folding import write

MILITARY = {"AA", "AE", "AP"}


def test_every_state_has_one_tile_and_no_two_share_a_place() -> None:
    tiles = maps.draw({})

    named = {it.code for it in tiles}
    assert named == (set(zips.STATE_BY_PREFIX.values()) | set(zips.PACIFIC.values())) - MILITARY
    assert len({(it.x, it.y) for it in tiles}) == len(named) == 56
    assert {(it.count, it.shade) for it in tiles} == {(None, 0)}


@pytest.mark.parametrize(
    ("count", "shown"), [(-1, None), (0, None), (4, None), (5, 5), (9, 5), (10, 10), (1204, 1200)]
)
def test_a_few_are_not_told_apart_and_more_in_fives(count: int, shown: int | None) -> None:
    assert maps.told(count) == shown


def test_the_most_are_the_darkest_and_a_few_look_like_nobody() -> None:
    tiles = maps.draw({"CA": 90, "TX": 60, "OH": 30, "VT": 5, "WY": None})

    shades = {it.code: it.shade for it in tiles if it.shade}
    assert shades == {"CA": 4, "TX": 3, "OH": 2, "VT": 1}


@pytest.fixture
def states(drive: Drive) -> Drive:
    write(drive, 6, state="CA")
    write(drive, 4, state="WY")
    write(drive, 7, state="CA", at=NOON - timedelta(days=2))
    write(drive, 9, state="TX", at=NOON - timedelta(days=2))
    write(drive, 1)
    milestones.fold(now=NOON)
    return drive


def test_on_the_day_and_in_all(states: Drive) -> None:
    told = totals.read(drive=states, now=NOON).states

    assert [(it.state, it.today, it.in_all) for it in told] == [("CA", 5, 10), ("TX", None, 5)]


def test_what_is_told_fits_many_others(drive: Drive) -> None:
    """Eight in all, five or more of New York: nobody learns that one is of Wyoming."""

    def told(**numbers: int) -> object:
        with transaction.atomic():
            for state, number in numbers.items():
                write(drive, number, state=state)
            milestones.fold(now=NOON)
            totals.forget()
            now = totals.read(drive=drive, now=NOON)
            transaction.set_rollback(True)
            return now.today, now.states

    views = [told(NY=7, WY=1), told(NY=8), told(NY=5, WY=3), told(NY=6, WY=1, VT=1)]

    assert all(it == views[0] for it in views)


@pytest.mark.parametrize(("days", "shown"), [(0, "5"), (-1, "10")])
def test_the_big_screen_shows_the_day_and_before_it_all_so_far(
    client: Client, states: Drive, monkeypatch: pytest.MonkeyPatch, days: int, shown: str
) -> None:
    now = totals.read(drive=states, now=NOON + timedelta(days=days))
    monkeypatch.setattr(totals, "public", lambda **_: now)

    page = client.get("/live/").content.decode()

    assert f'<td data-state="CA">{shown}</td>' in page
    assert '<td data-state="WY">under 5</td>' in page
    assert '<td data-state="VT">under 5</td>' in page


def test_the_big_screen_costs_no_query_once_it_was_read(
    client: Client, states: Drive, django_assert_num_queries
) -> None:
    for address in ("/live/", "/es/live/"):
        client.get(address)

        with django_assert_num_queries(0):
            response = client.get(address)

        assert response.status_code == 200
        assert response["Cache-Control"].startswith("public, max-age=1, stale-while-revalidate")


def test_who_comes_by_a_link_is_not_answered_from_a_front_cache(
    client: Client, states: Drive, link
) -> None:
    assert client.get("/live/?ref=teach-ig")["Cache-Control"] == "private, no-store"


def test_a_day_of_several_days_says_so(states: Drive) -> None:
    states.last_day_on = states.day_on + timedelta(days=2)
    named = {
        days: totals.read(drive=states, now=NOON + timedelta(days=days)).day_name for days in (1, 9)
    }

    assert named == {
        1: "Hands raised since November 14",
        9: "Hands raised from November 14 to November 16",
    }
