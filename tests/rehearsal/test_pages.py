"""The pages on which staff begin, watch and purge a rehearsal; and the same from the terminal."""

import io
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from partners import rehearsals
from partners.models import Drive, Rehearsal, User
from tests.rehearsal.conftest import Begin, tables

PURGE = "/admin/partners/drive/rehearsal/purge/"


@pytest.fixture
def desk(client: Client, staffer: User) -> Client:
    client.force_login(staffer)
    return client


@pytest.fixture
def its_day(drive: Drive) -> Drive:
    Drive.objects.filter(pk=drive.pk).update(day_on=timezone.now().astimezone(drive.zone).date())
    return drive


def page_of(drive: Drive) -> str:
    return f"/admin/partners/drive/{drive.pk}/rehearse/"


def test_the_page_of_a_drive_leads_to_its_rehearsal(desk: Client, drive: Drive) -> None:
    page = desk.get(f"/admin/partners/drive/{drive.pk}/change/").content.decode()

    assert page_of(drive) in page


def test_looking_begins_nothing_and_the_button_begins_it_once(desk: Client, drive: Drive) -> None:
    page = desk.get(page_of(drive)).content.decode()
    assert "Begin a rehearsal" in page
    assert not Rehearsal.objects.exists()

    desk.post(page_of(drive))
    again = desk.post(page_of(drive), follow=True).content.decode()

    rehearsal = Rehearsal.objects.get()
    assert (rehearsal.drive, rehearsal.begun_by.email) == (drive, "staff@example.org")
    assert "There is a rehearsal already" in again
    assert "Waits for a worker" in again
    assert 'http-equiv="refresh"' in again


def test_the_page_says_which_processes_do_not_run(desk: Client, drive: Drive) -> None:
    desk.post(page_of(drive))

    page = desk.get(page_of(drive)).content.decode()

    assert "have not been heard of" in page
    assert "web, celery, mail, bulk, files" in page


def test_on_the_real_day_it_wants_the_name_of_the_drive(desk: Client, its_day: Drive) -> None:
    asked = desk.get(page_of(its_day)).content.decode()
    refused = desk.post(page_of(its_day), {"name": "yes"}).content.decode()
    assert "Today is the real day of this drive" in asked
    assert "Type the name of the drive" in refused
    assert not Rehearsal.objects.exists()

    desk.post(page_of(its_day), {"name": its_day.name.lower()})

    assert Rehearsal.objects.exists()


@pytest.mark.parametrize(
    ("codename", "status"), [("view_drive", 403), ("change_drive", 200), ("change_partner", 403)]
)
def test_who_may_change_drives_may_rehearse_them(
    client: Client, drive: Drive, codename: str, status: int
) -> None:
    robin = User.objects.create_user("robin@example.org", full_name="Robin", is_staff=True)
    robin.user_permissions.add(Permission.objects.get(codename=codename))
    client.force_login(robin)

    assert client.get(page_of(drive)).status_code == status
    assert client.post(PURGE).status_code == (403 if status == 403 else 302)


def test_a_member_of_a_partner_comes_nowhere_near(
    client: Client, organiser: User, drive: Drive
) -> None:
    client.force_login(organiser)

    assert client.post(page_of(drive)).status_code == 302
    assert not Rehearsal.objects.exists()


def test_where_no_place_is_set_up_nothing_can_be_begun(
    desk: Client, drive: Drive, settings: LazySettings
) -> None:
    settings.REHEARSAL_URL = ""

    page = desk.post(page_of(drive)).content.decode()

    assert "No place for rehearsals is set up" in page
    assert not Rehearsal.objects.exists()


def test_a_rehearsal_has_no_rehearsal(desk: Client, drive: Drive, settings: LazySettings) -> None:
    settings.IS_REHEARSAL = True

    desk.post(page_of(drive))

    assert not Rehearsal.objects.exists()
    assert (
        page_of(drive) not in desk.get(f"/admin/partners/drive/{drive.pk}/change/").content.decode()
    )


def test_it_is_purged_after_a_look_at_what_goes(
    begin: Begin, client: Client, staffer: User
) -> None:
    rehearsal = begin()
    client.force_login(staffer)

    looked = client.get(PURGE).content.decode()
    assert "<strong>0</strong> people who signed up in it" in looked
    assert {schema for schema, _table in tables()} == {"public", "rehearsal"}
    done = client.post(PURGE, follow=True).content.decode()

    rehearsal.refresh_from_db()
    assert "nothing of it is left" in done
    assert rehearsal.purged_by == staffer
    assert {schema for schema, _table in tables()} == {"public"}
    assert client.get("/admin/partners/rehearsal/").status_code == 200


def test_the_terminal_does_the_same(begin: Begin, drive: Drive) -> None:
    said = io.StringIO()
    call_command("rehearsal", "look", stdout=said)
    call_command("rehearsal", "begin", drive.slug, stdout=said)
    rehearsals.tend(clock=timezone.now)
    call_command("rehearsal", "look", stdout=said)

    call_command("rehearsal", "purge", "--yes", stdout=said)

    assert "There is no rehearsal now." in said.getvalue()
    assert "National Run for Office Day: on, at http://127.0.0.1:8001/" in said.getvalue()
    assert "nothing of it is left" in said.getvalue()
    assert {schema for schema, _table in tables()} == {"public"}


def test_the_terminal_asks_before_it_purges(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    rehearsal = begin()
    monkeypatch.setattr("builtins.input", lambda: "no")

    with pytest.raises(CommandError, match="Nothing was done"):
        call_command("rehearsal", "purge", stdout=io.StringIO())

    rehearsal.refresh_from_db()
    assert rehearsal.purging_at is None
    assert rehearsal.begun_at > timezone.now() - timedelta(minutes=5)
