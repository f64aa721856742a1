"""Logging in and out."""

import re

import pytest

from partners.models import Member, User

PASSWORD = "a-long-enough-secret"


def log_in(client, email, password=PASSWORD, **more):
    return client.post("/log-in/", {"username": email, "password": password} | more)


def test_a_member_logs_in_and_comes_to_the_numbers(client, olga):
    assert log_in(client, "olga@example.org")["Location"] == "/partners/"


@pytest.mark.parametrize("typed", ["Olga@Example.org", " OLGA@EXAMPLE.ORG "])
def test_capitals_and_spaces_in_the_address_do_not_matter(client, olga, typed):
    assert log_in(client, typed).status_code == 302


def test_after_logging_in_people_come_where_they_wanted_to_go(client, olga):
    response = log_in(client, "olga@example.org", next="/partners/river-valley/")

    assert response["Location"] == "/partners/river-valley/"


def test_nobody_is_sent_to_another_site(client, olga):
    response = log_in(client, "olga@example.org", next="https://evil.example/")

    assert response["Location"] == "/partners/"


def test_staff_without_a_partner_come_to_the_admin(client, staff):
    assert log_in(client, "staff@example.org")["Location"] == "/admin/"


def test_staff_with_a_partner_come_to_its_numbers(client, staff, river):
    Member.objects.create(user=staff, partner=river)

    assert log_in(client, "staff@example.org")["Location"] == "/partners/"


def test_a_wrong_password_an_unknown_address_and_a_switched_off_account_look_the_same(client, olga):
    def answer(email, password):
        response = log_in(client, email, password)
        body = re.sub(rb'name="csrfmiddlewaretoken" value="\w+"', b"", response.content)
        return response.status_code, body.replace(email.encode(), b"")

    wrong = answer("olga@example.org", "not-the-password")
    unknown = answer("nobody@example.org", PASSWORD)
    User.objects.update(is_active=False)
    switched_off = answer("olga@example.org", PASSWORD)

    assert wrong == unknown == switched_off
    assert b"don&#x27;t match an account here" in wrong[1]
    assert wrong[0] == 200


def test_a_session_ends_when_the_account_is_switched_off(as_olga):
    User.objects.update(is_active=False)

    assert as_olga.get("/partners/")["Location"].startswith("/log-in/")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"username": "", "password": "x"}, "Enter your e-mail address."),
        ({"username": "olga", "password": "x"}, "Enter an e-mail address like name@example.org."),
        ({"username": "olga@example.org", "password": ""}, "Enter your password."),
    ],
)
def test_what_is_missing_is_said_beside_the_field(client, db, typed, words):
    page = client.post("/log-in/", typed).content.decode()

    assert words in page
    assert f'value="{typed["username"]}"' in page or not typed["username"]


def test_logging_out_takes_a_click_not_a_visit(as_olga, olga):
    assert as_olga.get("/log-out/").status_code == 405
    assert as_olga.get("/partners/").status_code == 302

    as_olga.post("/log-out/")

    assert as_olga.get("/partners/")["Location"].startswith("/log-in/")
