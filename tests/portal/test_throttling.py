"""Whoever tries too often waits, and nobody learns from it who has an account."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.test import Client

from partners import throttling
from partners.models import User
from recruit import valkey
from tests.conftest import NOON

PASSWORD = "a-long-enough-secret"
DOORS = {
    "portal": ("/log-in/", "username"),
    "admin": ("/admin/login/", "username"),
    "letter": ("/new-password/", "email"),
}


def knock(client: Client, door: str, email: str, password: str = "wrong", **more):
    path, field = DOORS[door]
    return client.post(path, {field: email, "password": password}, **more)


def until_refused(client: Client, door: str, email: str, **more) -> int:
    """Return how many tries were let through."""
    return next(n for n in range(300) if knock(client, door, email, **more).status_code == 429)


@pytest.mark.parametrize(("door", "tries"), [("portal", 10), ("admin", 10), ("letter", 5)])
def test_every_door_closes_for_a_known_and_an_unknown_address_alike(client, olga, door, tries):
    assert until_refused(client, door, "olga@example.org") == tries
    assert until_refused(client, door, "nobody@example.org") == tries


def test_the_page_says_how_long_to_wait_and_is_the_same_for_everyone(client, olga):
    pages = set()
    for email in ("olga@example.org", "nobody@example.org"):
        until_refused(client, "portal", email)
        response = knock(client, "portal", email, PASSWORD)
        pages.add(re.sub(rb'value="\w{64}"', b"", response.content))

    (page,) = pages
    assert b"Wait 15 minutes" in page
    assert response["Retry-After"] == "900"


def test_the_right_password_helps_no_more_once_the_tries_are_used_up(client, olga):
    until_refused(client, "portal", "olga@example.org")

    assert knock(client, "portal", " OLGA@example.org", PASSWORD).status_code == 429
    assert client.get("/partners/").status_code == 302


def test_the_owner_comes_in_from_elsewhere_meanwhile(client, olga):
    until_refused(client, "portal", "olga@example.org", REMOTE_ADDR="203.0.113.9")

    at_home = knock(client, "portal", "olga@example.org", PASSWORD, REMOTE_ADDR="198.51.100.7")

    assert at_home.status_code == 302


def test_guesses_from_everywhere_lock_out_nobody_where_they_came_in_before():
    def is_let_try(address: str) -> bool:
        try:
            throttling.count(**tried, address=address)
        except throttling.TooManyTries:
            return False
        return True

    home = "198.51.100.7"
    tried = {"door": "log-in", "limit": throttling.LOG_IN, "account": "olga@example.org"}
    tried["now"] = NOON
    throttling.forgive(**tried, address=home)

    guesses = [is_let_try(f"2001:db8:0:{n:x}::1") for n in range(101)]

    assert guesses == [True] * 100 + [False]
    assert [is_let_try(home) for _n in range(11)] == [True] * 10 + [False]
    assert valkey.client.ttl(throttling._known("log-in", "olga@example.org", home)) > 900


def test_who_mistypes_and_then_remembers_starts_anew(client, olga):
    for _time in range(5):
        for _typo in range(9):
            knock(client, "portal", "olga@example.org")
        assert knock(client, "portal", "olga@example.org", PASSWORD).status_code == 302
        client.logout()


def test_guessing_one_password_at_many_addresses_ends_too(client, db):
    answers = [knock(client, "letter", f"n{n}@example.org").status_code for n in range(51)]

    assert answers == [302] * 50 + [429]


def test_a_home_with_ipv6_is_one_place(client, olga):
    for n in range(10):
        knock(client, "portal", "olga@example.org", REMOTE_ADDR=f"2001:db8::{n}")

    assert (
        knock(client, "portal", "olga@example.org", REMOTE_ADDR="2001:db8::ffff").status_code == 429
    )
    assert (
        knock(client, "portal", "olga@example.org", REMOTE_ADDR="2001:db8:0:1::").status_code == 200
    )


def test_behind_our_proxy_the_visitor_counts_and_a_forged_header_does_not(client, olga, settings):
    settings.PROXY_HOPS = 1

    tried = [
        knock(
            client, "portal", "olga@example.org", HTTP_X_FORWARDED_FOR=f"10.0.0.{n}, 203.0.113.9"
        ).status_code
        for n in range(11)
    ]

    assert tried == [200] * 10 + [429]


def test_redis_holds_no_address_and_no_name_and_forgets(client, olga):
    knock(client, "portal", "olga@example.org", REMOTE_ADDR="203.0.113.9")

    kept = list(valkey.client.scan_iter(f"{throttling.PREFIX}*"))

    assert len(kept) == 3
    assert not [it for it in kept if b"olga" in it or b"203" in it.split(b":")]
    assert all(0 < valkey.client.ttl(it) <= 900 for it in kept)


def test_without_redis_people_still_log_in_and_the_log_says_so(client, olga, redis_away, caplog):
    assert knock(client, "portal", "olga@example.org", PASSWORD).status_code == 302
    said = [it.getMessage() for it in caplog.records if it.name == "partners.throttling"]
    assert said[0] == "tries are not being counted: ConnectionError"
    assert not any("olga" in line for line in said)


def test_of_many_tries_at_once_no_more_are_let_through(olga):
    def attempt(_n: int) -> bool:
        try:
            throttling.count(
                door="log-in",
                limit=throttling.LOG_IN,
                account="olga@example.org",
                address="203.0.113.9",
                now=NOON,
            )
        except throttling.TooManyTries:
            return False
        return True

    with ThreadPoolExecutor(8) as guessers:
        assert sum(guessers.map(attempt, range(100))) == throttling.LOG_IN.account_and_place


def test_staff_who_are_let_in_are_let_in_at_the_admin_too(client, staff):
    User.objects.filter(pk=staff.pk).update(is_superuser=True)

    assert knock(client, "admin", "staff@example.org", PASSWORD).status_code == 302
