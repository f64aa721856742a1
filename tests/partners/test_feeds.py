"""totals.json: the numbers for programs, cheap to ask for and cheap to answer."""

import json
from datetime import date, timedelta

import pytest
from django.test import Client

from partners import milestones, totals
from partners.models import Drive, ReferralLink
from tests.conftest import NOON
from tests.partners.test_folding import write

ADDRESS = "/totals.json"


@pytest.fixture
def at_noon(drive: Drive, link: ReferralLink, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two have come, one through a partner; the site's clock stands at noon of the day."""
    drive.milestones.create(scope="day", target=2_000)
    drive.milestones.create(scope="cumulative", target=15_000)
    write(drive, 1)
    write(drive, 1, link=link)
    milestones.fold(now=NOON)
    now = totals.read(drive=drive, now=NOON)
    monkeypatch.setattr(totals, "public", lambda **_: now)


def test_machines_get_the_same_numbers(client: Client, at_noon: None) -> None:
    response = client.get(ADDRESS)

    told = json.loads(response.content)
    assert told["today"] == {"count": 2, "goal": 2_000}
    assert told["cumulative"] == {"count": 12_987, "goal": 15_000, "baseline": 12_985}
    assert date.fromisoformat(told["day"]) == NOON.date()
    assert told["latest"] == {"partner": "Example Teachers Alliance", "at": NOON.isoformat()}
    assert not response.cookies


def test_any_site_may_ask_and_a_front_cache_may_answer(client: Client, at_noon: None) -> None:
    response = client.get(ADDRESS)

    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    kept = "public, max-age=1, stale-while-revalidate=10, stale-if-error=600"
    assert response["Cache-Control"] == kept


def test_a_script_of_another_site_may_say_what_it_has_and_read_what_it_got(
    client: Client, at_noon: None
) -> None:
    asked = client.options(ADDRESS, headers={"Origin": "https://press.example"})

    assert (asked.status_code, asked.content) == (204, b"")
    assert asked["Access-Control-Allow-Headers"] == "If-None-Match"
    assert asked["Access-Control-Allow-Origin"] == "*"
    assert client.get(ADDRESS)["Access-Control-Expose-Headers"] == "ETag"
    assert client.post(ADDRESS).status_code == 405


@pytest.mark.parametrize("form", ["{}", '"other", {}', "*"])
def test_who_has_the_numbers_already_gets_no_body(client: Client, at_noon: None, form: str) -> None:
    etag = client.get(ADDRESS)["ETag"]

    for known in (etag, etag.removeprefix("W/")):
        response = client.get(ADDRESS, headers={"If-None-Match": form.format(known)})

        assert (response.status_code, response.content) == (304, b"")
        assert (response["ETag"], response["Access-Control-Allow-Origin"]) == (etag, "*")


def test_one_more_person_is_another_etag(
    client: Client, drive: Drive, at_noon: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    etag = client.get(ADDRESS)["ETag"]
    write(drive, 1)
    milestones.fold(now=NOON)
    later = totals.read(drive=drive, now=NOON)
    monkeypatch.setattr(totals, "public", lambda **_: later)

    response = client.get(ADDRESS, headers={"If-None-Match": etag})

    assert (response.status_code, response["ETag"] != etag) == (200, True)


def test_the_same_numbers_read_a_moment_later_are_the_same_etag(
    client: Client, drive: Drive, at_noon: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = client.get(ADDRESS)
    again = totals.read(drive=drive, now=NOON + timedelta(seconds=9))
    monkeypatch.setattr(totals, "public", lambda **_: again)

    second = client.get(ADDRESS)

    assert first["ETag"] == second["ETag"]
    assert first.json()["as_of"] != second.json()["as_of"]


def test_asking_again_costs_no_query(
    client: Client, drive: Drive, django_assert_num_queries
) -> None:
    client.get(ADDRESS)

    with django_assert_num_queries(0):
        assert client.get(ADDRESS).status_code == 200


def test_every_field_is_documented(client: Client, at_noon: None, settings) -> None:
    docs = (settings.BASE_DIR / "docs" / "totals.md").read_text()

    told = client.get(ADDRESS).json()

    names = [*told, *told["today"], *told["cumulative"], *told["latest"], *told["milestones"][0]]
    assert [name for name in names if f"`{name}`" not in docs] == []
