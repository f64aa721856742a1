"""Addresses for machines are answered before session, language and log-in."""

import pytest
from django.db import OperationalError
from django.test import Client

from partners import totals
from partners.models import Drive, ReferralLink, User


def broken(*_: object) -> None:
    raise AssertionError("a session was read")


@pytest.mark.parametrize("address", ["/r/teach-ig", "/totals.json", "/healthz"])
def test_no_session_and_no_language_is_looked_at(
    client: Client,
    organiser: User,
    drive: Drive,
    link: ReferralLink,
    monkeypatch: pytest.MonkeyPatch,
    address: str,
) -> None:
    client.force_login(organiser)
    for name in ("sessions.middleware.Session", "auth.middleware.Authentication"):
        monkeypatch.setattr(f"django.contrib.{name}Middleware.process_request", broken)
    monkeypatch.setattr("django.middleware.locale.LocaleMiddleware.process_request", broken)
    client.handler.load_middleware()

    response = client.get(address)

    assert response.status_code in (200, 302)
    assert "default-src 'none'" in response["Content-Security-Policy"]


def test_trouble_does_not_speak_the_language_of_the_last_visitor(
    drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(**_: object) -> None:
        raise OperationalError

    person = Client(raise_request_exception=False)
    person.get("/es/privacidad/")
    person.get("/es/")
    monkeypatch.setattr(totals, "public", away)

    response = person.get("/totals.json")

    assert response.status_code == 503
    assert "Back in" in response.content.decode()


def test_what_looks_like_one_but_is_none_gets_the_page_for_people(client: Client) -> None:
    response = client.get("/totals.json/more")

    assert (response.status_code, response["Content-Language"]) == (404, "en")
