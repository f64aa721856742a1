"""Arrivals through links: people are counted, bots told apart, addresses forgotten."""

from datetime import UTC, datetime, timedelta

import crawleruseragents
import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from partners import bots, visits
from partners.models import BotTally, ReferralLink, VisitTally
from partners.visits import Arrival
from recruit import valkey
from tests.conftest import IPHONE, held_elsewhere

NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def _empty(only_we_flush: None, redis: None) -> None:
    """No visit of an earlier test."""


@pytest.fixture(autouse=True)
def _no_hour_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime.now(UTC)
    monkeypatch.setattr(timezone, "now", lambda: now)


def counted() -> dict[str, tuple[int, int, int]]:
    visits.flush()
    visits.fold()
    rows = VisitTally.objects.select_related("link")
    return {it.link.code: (it.raw, it.bots, it.unique) for it in rows}


def click(link: ReferralLink, times: int = 1, **request: str) -> None:
    for _ in range(times):
        Client(headers={"user-agent": IPHONE} | request).get(f"/r/{link.code}")


def test_one_visitor_counts_once_an_hour(link: ReferralLink) -> None:
    click(link, 100)

    assert counted() == {"teach-ig": (100, 0, 1)}


def test_a_visitor_who_comes_back_after_the_fold_is_known(link: ReferralLink) -> None:
    click(link)
    counted()
    click(link)

    assert counted() == {"teach-ig": (2, 0, 1)}


def test_two_people_are_two(link: ReferralLink) -> None:
    click(link)
    click(link, **{"user-agent": IPHONE + " Instagram"})

    assert counted() == {"teach-ig": (2, 0, 2)}


@pytest.mark.parametrize(
    "sign",
    [
        {"sec-purpose": "prefetch;prerender"},
        {"purpose": "prefetch"},
        {"x-moz": "prefetch"},
        {"sec-fetch-dest": "image"},
        {"sec-fetch-dest": "iframe"},
        {"user-agent": ""},
        {"user-agent": "  "},
        {"user-agent": "facebookexternalhit/1.1"},
        {"user-agent": "WhatsApp/2.23.20.0"},
    ],
)
def test_what_is_no_person_is_no_visit(link: ReferralLink, sign: dict[str, str]) -> None:
    click(link, **sign)

    assert counted() == {"teach-ig": (1, 1, 0)}


def test_why_a_visit_was_no_persons_is_kept(link: ReferralLink) -> None:
    click(link, 2, **{"user-agent": "facebookexternalhit/1.1"})
    click(link, **{"sec-purpose": "prefetch"})
    counted()
    click(link, **{"user-agent": "facebookexternalhit/1.1"})
    click(link)

    assert counted() == {"teach-ig": (5, 4, 1)}
    reasons = BotTally.objects.values_list("link__code", "reason", "value")
    assert set(reasons) == {("teach-ig", "crawler", 3), ("teach-ig", "prefetch", 1)}


def test_every_reason_has_its_words_and_fits_its_column() -> None:
    given = [
        bots.why_not_human(method="HEAD", meta={}),
        bots.why_not_human(method="GET", meta={"HTTP_PURPOSE": "prefetch"}),
        bots.why_not_human(method="GET", meta={"HTTP_SEC_FETCH_DEST": "iframe"}),
        bots.why_not_human(method="GET", meta={}),
        bots.why_not_human(method="GET", meta={"HTTP_USER_AGENT": "Googlebot/2.1"}),
    ]

    assert set(given) == set(bots.REASONS)
    assert max(map(len, given)) <= BotTally._meta.get_field("reason").max_length


def test_fifteen_hundred_crawlers_are_nobody(link: ReferralLink) -> None:
    crawlers = {
        name for it in crawleruseragents.CRAWLER_USER_AGENTS_DATA for name in it["instances"]
    }
    browser = Client()
    for name in crawlers:
        browser.get("/r/teach-ig", headers={"user-agent": name})

    assert len(crawlers) >= 1500
    assert counted() == {"teach-ig": (len(crawlers), len(crawlers), 0)}


def test_a_head_request_is_no_visit(link: ReferralLink) -> None:
    Client(headers={"user-agent": IPHONE}).head("/r/teach-ig")

    assert counted() == {"teach-ig": (1, 1, 0)}


def test_no_known_crawler_is_a_person() -> None:
    instances = {
        name for it in crawleruseragents.CRAWLER_USER_AGENTS_DATA for name in it["instances"]
    }

    people = {it for it in instances if not bots._why_not_browser(it)}

    assert len(instances) > 1500
    assert people == set()


def test_a_browser_is_a_person() -> None:
    assert bots.why_not_human(method="GET", meta={"HTTP_USER_AGENT": IPHONE}) == ""


def test_redis_holds_no_address(link: ReferralLink) -> None:
    Client(headers={"user-agent": IPHONE}, REMOTE_ADDR="203.0.113.77").get("/r/teach-ig")
    visits.flush()

    stored = b" ".join(valkey.client.dump(key) or b"" for key in valkey.client.keys("*"))
    assert b"203.0.113" not in stored


def test_the_key_of_the_day_is_destroyed_just_after_the_day(link: ReferralLink) -> None:
    click(link)
    visits.flush()

    (key,) = valkey.client.keys("*:key:*")
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).replace(hour=0, minute=5, second=0)
    assert valkey.client.expiretime(key) == int(tomorrow.timestamp())


def test_of_a_day_that_is_over_there_is_no_key_and_nobody_is_recognised(
    link: ReferralLink,
) -> None:
    yesterday = (NOW - timedelta(days=1)).timestamp()
    for _ in range(2):
        visits.note(Arrival(link.id, yesterday, "203.0.113.1", IPHONE, ""))
        visits.flush()

    assert valkey.client.keys("*:key:*") == []
    assert counted() == {"teach-ig": (2, 0, 2)}


def test_a_fold_that_was_killed_is_taken_up_again(link: ReferralLink) -> None:
    click(link, 3)
    visits.flush()
    valkey.client.rename(visits.COUNTS, visits.FOLDING)
    click(link, 2)

    counted()

    assert counted() == {"teach-ig": (5, 0, 1)}


def test_a_link_that_is_gone_takes_nothing_with_it(link: ReferralLink) -> None:
    visits.note(Arrival(link.id + 1, NOW.timestamp(), "203.0.113.1", IPHONE, ""))
    click(link)

    assert counted() == {"teach-ig": (1, 0, 1)}


def test_without_redis_the_link_still_works_and_the_loss_is_told(
    link: ReferralLink, redis_away: None, caplog
) -> None:
    browser = Client(headers={"user-agent": IPHONE})
    answers = [browser.get("/r/teach-ig").status_code for _ in range(3)]
    browser.head("/r/teach-ig")

    assert (answers, visits.flush()) == ([302] * 3, 0)
    assert "4 visits lost" in caplog.text
    assert visits.lost(since=NOW - timedelta(hours=1)) == 3


def test_losses_add_up(link: ReferralLink, redis_away: None) -> None:
    for _ in range(2):
        click(link)
        visits.flush()

    assert visits.lost(since=NOW - timedelta(hours=1)) == 2
    assert visits.lost(since=NOW + timedelta(hours=1)) == 0


def test_a_loss_waits_until_postgresql_can_be_told(
    link: ReferralLink, redis_away: None, monkeypatch
) -> None:
    click(link)
    with monkeypatch.context() as outage:
        outage.setattr("django.db.backends.utils.CursorWrapper.execute", away)
        visits.flush()

    assert visits.lost(since=NOW - timedelta(hours=1)) == 0
    visits.flush()
    assert visits.lost(since=NOW - timedelta(hours=1)) == 1


def away(*_: object) -> None:
    raise OperationalError


def test_the_key_of_the_day_may_vanish_while_visits_are_gathered(
    link: ReferralLink, monkeypatch
) -> None:
    monkeypatch.setattr(valkey.client, "get", lambda _name: None)
    click(link, 2)

    assert counted() == {"teach-ig": (2, 0, 1)}


@pytest.mark.django_db(transaction=True)
def test_one_folder_works_at_a_time(link: ReferralLink) -> None:
    click(link)
    visits.flush()

    with held_elsewhere(visits.FOLD_LOCK):
        assert visits.fold() == 0

    assert counted() == {"teach-ig": (1, 0, 1)}


def test_an_unknown_code_is_no_visit(link: ReferralLink) -> None:
    Client(headers={"user-agent": IPHONE}).get("/r/no-such-code")

    assert counted() == {}
