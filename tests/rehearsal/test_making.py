"""A rehearsal begins with a copy, and what is real never notices: it is held to the catalogue."""

import sys
from contextlib import closing
from datetime import timedelta

import pytest
from django.apps import apps
from django.conf import LazySettings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.utils import timezone

from candidates.signup import Answers
from partners import rehearsals
from partners.models import Drive, Milestone, Partner, ReferralLink, Rehearsal, User
from partners.rehearsals import making, schemas
from recruit.postgresql.base import DatabaseWrapper
from recruit.rehearsal import tables
from tests.conftest import NOON, SignUp
from tests.rehearsal.conftest import Begin, real
from tests.rehearsal.conftest import tables as catalogue


def there(statement: str) -> list[tuple[object, ...]]:
    """Ask as a process of the rehearsal would: on a connection that keeps to its schema."""
    with closing(connection.copy()) as line:
        line.settings_dict = line.settings_dict | {"ONLY_SCHEMA": "rehearsal"}
        with line.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())


def test_a_pooler_that_drops_the_name_of_the_schema_is_refused(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DatabaseWrapper, "_only", lambda _self, told: told)

    with pytest.raises(ImproperlyConfigured, match="REHEARSAL_DATABASE_URL"):
        there("SELECT 1")


def test_of_each_of_our_tables_it_is_said_whether_it_is_copied() -> None:
    ours = {it._meta.db_table for it in apps.get_models(include_auto_created=True)}

    assert set(tables.COPIED) | tables.LEFT == ours
    assert not set(tables.COPIED) & tables.LEFT
    assert set().union(*tables.COUNTED.values()) <= tables.LEFT


def test_it_begins_with_what_the_day_needs_and_with_nobody(
    begin_whole: Begin,
    drive: Drive,
    link: ReferralLink,
    organiser: User,
    sign_up: SignUp,
    ada: Answers,
) -> None:
    sign_up(ada, link.code)
    Milestone.objects.create(
        drive=drive, scope="day", target=1, reached_at=NOON, reached_value=1, announced_at=NOON
    )
    Drive.objects.create(name="Another", slug="another", day_on=NOON.date(), opens_at=NOON)
    before = real()

    begin_whole()

    today = timezone.now().astimezone(drive.zone).date()
    assert there("SELECT slug, day_on, closes_at FROM partners_drive") == [
        (drive.slug, today, None)
    ]
    assert there("SELECT target, reached_at, announced_at FROM partners_milestone") == [
        (1, None, None)
    ]
    passwords = there("SELECT email, password FROM partners_user ORDER BY email")
    assert passwords == list(User.objects.order_by("email").values_list("email", "password"))
    assert there("SELECT code FROM partners_linkcode") == [(link.code,)]
    assert there("SELECT count(*) FROM candidates_sequence WHERE switched_on_at IS NOT NULL")
    for table in ("candidates_candidate", "partners_credit", "candidates_followup"):
        assert there(f"SELECT count(*) FROM {table}") == [(0,)]
    assert real() == before


def test_its_connection_has_no_way_to_what_is_real(begin: Begin) -> None:
    rehearsal = begin()

    rehearsals.purge(rehearsal=rehearsal, by=None, now=timezone.now())

    assert there("SELECT to_regclass('partners_partner'), to_regclass('django_migrations')") == [
        (None, None)
    ]


def test_what_comes_next_has_a_number_of_its_own(begin: Begin, partner: Partner) -> None:
    begin()

    made = there("SELECT nextval(pg_get_serial_sequence('partners_partner', 'id')) > max(id)"
                 " FROM partners_partner")  # fmt: skip

    assert made == [(True,)]


@pytest.mark.usefixtures("begin")
def test_half_a_rehearsal_is_never_seen_and_the_next_worker_makes_it_anew(
    drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    rehearsal = rehearsals.begin(drive=drive, by=None, now=timezone.now())

    def die(**_told: object) -> None:
        raise KeyboardInterrupt  # as far as anybody can tell: the process ends here

    with monkeypatch.context() as patch:
        patch.setattr(making.copying, "copy", die)
        patch.setattr(schemas, "drop", lambda _name: None)
        with pytest.raises(KeyboardInterrupt):
            rehearsals.tend(clock=timezone.now)
    half = schemas.leftovers("draft")
    nobody_yet = making.claim(now=timezone.now())
    later = timezone.now() + making.LEASE + timedelta(seconds=1)
    rehearsals.tend(clock=lambda: later)

    rehearsal.refresh_from_db()
    assert half == [f"rehearsal_draft_{rehearsal.pk}_1"]
    assert nobody_yet is None
    assert rehearsal.ready_at == later
    assert {schema for schema, _table in catalogue()} == {"public", "rehearsal"}


@pytest.mark.usefixtures("begin_whole")
def test_what_can_not_be_made_is_told_and_given_up(
    drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    rehearsals.begin(drive=drive, by=None, now=timezone.now())

    for _attempt in range(making.MOST_ATTEMPTS + 1):
        rehearsals.tend(clock=timezone.now)

    look = rehearsals.look(now=timezone.now())
    assert look
    assert look.is_given_up
    assert look.rehearsal.last_error == "NotMade: migrate failed"
    assert look.rehearsal.attempts == making.MOST_ATTEMPTS
    assert {schema for schema, _table in catalogue()} == {"public"}


@pytest.mark.usefixtures("begin")
def test_a_schema_into_which_the_real_day_would_look_first_is_not_made(
    drive: Drive, settings: LazySettings
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user::text")
        settings.REHEARSAL_SCHEMA = cursor.fetchone()[0]
    rehearsal = rehearsals.begin(drive=drive, by=None, now=timezone.now())

    rehearsals.tend(clock=timezone.now)

    rehearsal.refresh_from_db()
    assert "set REHEARSAL_SCHEMA" in rehearsal.last_error
    assert {schema for schema, _table in catalogue()} == {"public"}


@pytest.mark.usefixtures("begin")
def test_one_that_is_purged_while_it_is_made_never_comes(
    drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    rehearsal = rehearsals.begin(drive=drive, by=None, now=timezone.now())

    def purge(*_told: object) -> None:
        rehearsals.purge(rehearsal=rehearsal, by=None, now=timezone.now())

    monkeypatch.setattr(making, "_make_tables", purge)
    rehearsals.tend(clock=timezone.now)

    rehearsal.refresh_from_db()
    assert rehearsal.purged_at
    assert rehearsal.ready_at is None
    assert {schema for schema, _table in catalogue()} == {"public"}


def test_there_is_one_at_a_time(begin: Begin, drive: Drive) -> None:
    rehearsals.begin(drive=drive, by=None, now=timezone.now())

    with pytest.raises(rehearsals.AlreadyOn):
        rehearsals.begin(drive=drive, by=None, now=timezone.now())

    assert Rehearsal.objects.count() == 1


def test_a_purge_that_was_cut_short_is_ended_by_a_worker(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    rehearsal = begin()

    def fail(_name: str) -> None:
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr(schemas, "drop", fail)
        assert not rehearsals.purge(rehearsal=rehearsal, by=None, now=timezone.now())
    closed = {schema for schema, _table in catalogue()}
    rehearsals.tend(clock=timezone.now)

    rehearsal.refresh_from_db()
    assert closed == {"public", f"rehearsal_gone_{rehearsal.pk}"}
    assert rehearsal.purged_at
    assert {schema for schema, _table in catalogue()} == {"public"}


def test_one_that_another_version_made_is_known(begin: Begin) -> None:
    begin()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM rehearsal.django_migrations WHERE app = 'otp_totp'")

    look = rehearsals.look(now=timezone.now())

    assert look
    assert look.is_other_version
    assert look.silent == ("web", "celery", "mail", "bulk", "files")
