"""What the processes of a rehearsal answer: while there is none, and while there is one."""

from collections.abc import Iterator

import pytest
from django.conf import LazySettings
from django.db import OperationalError, ProgrammingError
from django.test import Client, RequestFactory

from partners import milestones, tasks
from partners.models import Drive
from recruit import locks
from recruit.away import trouble
from recruit.rehearsal import alive, gate
from recruit.rehearsal.gate import Gate


@pytest.fixture
def rehearsing(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process serves a rehearsal: what it would see as its schema is the one of the tests."""
    settings.IS_REHEARSAL = True
    settings.REHEARSAL_SCHEMA = "public"
    entry = "recruit.rehearsal.entry.rehearsal_middleware"
    settings.MIDDLEWARE = [*settings.MIDDLEWARE[:3], entry, *settings.MIDDLEWARE[3:]]
    monkeypatch.setattr(alive, "keep_saying", lambda _who: None)
    gate.forget()
    yield
    gate.forget()


ADDRESSES = ["/", "/es/", "/totals.json", "/r/teach-ig", "/admin/", "/partners/", "/badge.svg"]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.usefixtures("rehearsing", "db")
def test_without_one_every_address_says_so_in_both_languages(
    client: Client, settings: LazySettings, address: str
) -> None:
    settings.REHEARSAL_SCHEMA = "rehearsal"

    answer = client.get(address)

    assert answer.status_code == 503
    assert answer["Retry-After"] == "30"
    assert "There is no rehearsal now" in answer.content.decode()
    assert "Ahora no hay ningún ensayo" in answer.content.decode()


@pytest.mark.usefixtures("rehearsing", "db")
def test_who_watches_over_it_is_told_that_the_process_is_well(
    client: Client, settings: LazySettings
) -> None:
    settings.REHEARSAL_SCHEMA = "rehearsal"

    assert client.get("/healthz").status_code == 200


@pytest.mark.usefixtures("rehearsing", "drive")
def test_another_version_says_so_instead_of_failing(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate.versions, "brought", lambda: frozenset({("partners", "9999")}))

    answer = client.get("/")

    assert answer.status_code == 503
    assert "This rehearsal is of another version" in answer.content.decode()


@pytest.mark.parametrize("address", ["/", "/es/", "/live/", "/log-in/", "/admin/login/"])
@pytest.mark.usefixtures("rehearsing", "drive")
def test_every_page_says_that_nobody_is_counted_and_is_kept_by_nobody(
    client: Client, address: str
) -> None:
    answer = client.get(address)

    assert answer.status_code == 200
    words = (
        "Esto es un ensayo: quien se registra aquí no se cuenta."
        if address == "/es/"
        else "This is a rehearsal: nobody who signs up here is counted."
    )
    assert answer.content.decode().count(words) == 1
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["X-Robots-Tag"] == "noindex, nofollow"


@pytest.mark.usefixtures("rehearsing", "link", "drive")
def test_what_is_shown_on_other_sites_says_it_too(client: Client) -> None:
    pages = [client.get(it).content.decode() for it in ("/embed/teach-ig/", "/badge.svg")]

    assert "This is a rehearsal" in pages[0]
    assert "Rehearsal: Hands raised" in pages[1]
    assert client.get("/totals.json").json()["rehearsal"] is True


@pytest.mark.parametrize("failure", [ZeroDivisionError(), OperationalError()])
@pytest.mark.parametrize("is_rehearsal", [True, False])
def test_a_page_that_failed_says_it_too(
    settings: LazySettings, failure: Exception, is_rehearsal: bool
) -> None:
    settings.IS_REHEARSAL = is_rehearsal

    try:
        raise failure
    except type(failure):
        answer = trouble(RequestFactory().get("/"))

    assert answer.status_code >= 500
    assert ("This is a rehearsal" in answer.content.decode()) is is_rehearsal


def test_the_real_pages_say_nothing_of_it(client: Client, drive: Drive) -> None:
    pages = [client.get(it).content.decode() for it in ("/", "/live/", "/badge.svg")]

    assert not any("ehearsal" in page for page in pages)
    assert "rehearsal" not in client.get("/totals.json").json()


@pytest.mark.usefixtures("rehearsing", "db")
def test_a_page_that_it_was_purged_under_says_that_there_is_none(
    client: Client, drive: Drive, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.raise_request_exception = False

    def purged(**_told: object) -> None:
        settings.REHEARSAL_SCHEMA = "rehearsal"
        raise ProgrammingError('relation "partners_drive" does not exist')

    monkeypatch.setattr("partners.views.public.totals.public", purged)

    assert client.get("/totals.json").status_code == 503


@pytest.mark.usefixtures("rehearsing", "db")
def test_its_workers_rest_while_there_is_none(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.REHEARSAL_SCHEMA = "rehearsal"
    folded: list[object] = []
    monkeypatch.setattr(milestones, "fold", lambda **told: folded.append(told))

    tasks.fold_credits()

    assert folded == []
    assert gate.look() is Gate.ABSENT


def test_its_folder_holds_up_no_real_one(settings: LazySettings) -> None:
    real = locks.key(7_314_001)

    settings.IS_REHEARSAL = True

    assert locks.key(7_314_001) != real
