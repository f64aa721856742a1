"""Members hear by mail that everybody's count reached a milestone: who wants to, each once."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.utils import timezone

from candidates import hooks as lead_hooks
from partners import credits, hooks, letters, milestones
from partners.models import (
    Credit,
    Delivery,
    Drive,
    Endpoint,
    Invitation,
    Letter,
    Member,
    Milestone,
    Partner,
    User,
)
from partners.models.hooks import Event
from tests.conftest import NOON
from tests.partners.test_folding import write
from tests.sink import Sink

CHECKOUT = Path(__file__).resolve().parents[2]
LATER = NOON + timedelta(minutes=1)
# Announces, and is killed once half of its letters stand in the table.
KILLED = """
import os, signal, django
django.setup()
from django.db import connection
connection.settings_dict["NAME"] = os.environ["TEST_DATABASE"]
from django.utils import timezone
from partners import letters, milestones
owe_all = letters.owe_all
def owe_half(*, owed):
    owed = list(owed)
    owe_all(owed=owed[: len(owed) // 2])
    os.kill(os.getpid(), signal.SIGKILL)
letters.owe_all = owe_half
milestones.announce(now=timezone.now())
"""


@pytest.fixture
def reached(drive: Drive) -> Milestone:
    """The drive's own: 2,000 on the day, by 2,003 people at noon."""
    return drive.milestones.create(scope="day", target=2_000, reached_at=NOON, reached_value=2_003)


@pytest.fixture
def vera(partner: Partner) -> User:
    """A viewer, who accepted her invitation in Spanish."""
    return member(partner, "vera@example.org", "es")


def member(partner: Partner, email: str, language: str) -> User:
    user = User.objects.get_or_create(email=email, defaults={"full_name": "Vera"})[0]
    Member.objects.create(user=user, partner=partner)
    Invitation.objects.create(
        partner=partner, email=email, role="viewer", language=language,
        invited_at=NOON - timedelta(days=9), accepted_at=timezone.now(),
    )  # fmt: skip
    return user


def owed() -> list[tuple[str, str]]:
    found = Letter.objects.filter(kind=Letter.Kind.DRIVE_GOAL)
    return sorted(found.values_list("recipient", "language"))


def test_each_member_is_told_the_value_in_their_language_and_where_to_look(
    reached, organiser, vera, sink: Sink, settings
):
    for minutes in range(3):
        milestones.announce(now=LATER + timedelta(minutes=minutes))
        letters.sweep(clock=lambda: LATER + timedelta(hours=1))

    mails = {str(it["To"]): it for it in sink.messages}
    assert len(sink.messages) == 3  # and one to staff
    english, spanish = mails["organiser@example.org"], mails["vera@example.org"]
    assert english["Subject"] == f"Together we passed 2,000: {reached.drive.name}"
    text = english.get_body(("plain",)).get_content()
    assert "2,003 people have raised their hands on the day" in text
    assert f"{settings.BASE_URL}/drives/{reached.drive.slug}/" in text
    assert "Stop these letters" in text
    assert "Juntos" in spanish["Subject"]
    assert f"{settings.BASE_URL}/es/drives/" in spanish.get_body(("plain",)).get_content()
    assert spanish["Content-Language"] == "es"


def test_who_belongs_to_two_partners_hears_of_it_once_in_the_language_of_the_last(reached, vera):
    member(Partner.objects.create(name="Example Nurses", slug="nurses"), vera.email, "en")

    milestones.announce(now=LATER)

    assert owed() == [("vera@example.org", "en")]


def test_a_partners_own_goal_is_no_news_to_all(drive, partner, organiser, vera):
    drive.milestones.create(
        scope="day", target=10, partner=partner, reached_at=NOON, reached_value=10
    )

    milestones.announce(now=LATER)

    assert owed() == []


def test_who_does_not_want_it_left_or_reads_it_as_staff_is_not_written_to(
    reached, partner, organiser, vera, settings, sink: Sink
):
    settings.STAFF_EMAILS = ["sam@example.org"]
    member(partner, "sam@example.org", "en")
    User.objects.create_user("former@example.org", full_name="Former Member")
    User.objects.filter(pk=organiser.pk).update(wants_milestone_mail=False)
    gone = member(partner, "gone@example.org", "en")
    User.objects.filter(pk=gone.pk).update(is_active=False)
    milestones.announce(now=LATER)
    assert owed() == [("vera@example.org", "es")]

    Member.objects.filter(user=vera).delete()
    letters.sweep(clock=lambda: LATER)

    assert {str(it["To"]) for it in sink.messages} == {"sam@example.org"}


def test_one_click_in_the_mail_stops_these_and_no_others(reached, vera, sink: Sink, client):
    milestones.announce(now=LATER)
    letters.sweep(clock=lambda: LATER)
    (mail,) = [it for it in sink.messages if it["To"] == vera.email]
    address = "/" + mail["List-Unsubscribe"].strip("<>").partition("://")[2].partition("/")[2]
    assert client.get(address).status_code == 200
    vera.refresh_from_db()
    assert vera.wants_milestone_mail

    assert client.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200

    vera.refresh_from_db()
    assert not vera.wants_milestone_mail
    assert Member.objects.get(user=vera).wants_goal_mail
    other = address.replace("wants_milestone_mail", "wants_goal_mail")
    assert client.post(other).status_code == 404


def test_it_is_switched_off_and_on_in_ones_account(organiser, client):
    client.force_login(organiser)
    assert 'name="wants_milestone_mail" checked' in client.get("/account/").content.decode()

    client.post("/account/", {})
    organiser.refresh_from_db()
    assert not organiser.wants_milestone_mail

    client.post("/account/", {"wants_milestone_mail": "on"})
    organiser.refresh_from_db()
    assert organiser.wants_milestone_mail


def test_an_announcer_that_is_killed_in_between_leaves_nothing_by_halves(
    transactional_db, reached, organiser, vera, settings
):
    mine = {
        "TEST_DATABASE": connection.settings_dict["NAME"],
        "DJANGO_SETTINGS_MODULE": "recruit.settings",
    }
    command = [sys.executable, "-c", KILLED]
    killed = subprocess.run(command, cwd=CHECKOUT, env=os.environ | mine)
    assert killed.returncode == -signal.SIGKILL
    assert not Letter.objects.exists()
    reached.refresh_from_db()
    assert reached.announced_at is None

    for _time in range(2):
        milestones.announce(now=LATER)

    assert owed() == [("organiser@example.org", "en"), ("vera@example.org", "es")]
    staff = Letter.objects.filter(kind=Letter.Kind.MILESTONE)
    assert staff.count() == len(settings.STAFF_EMAILS)


def test_who_takes_the_stamp_off_makes_nobody_hear_of_it_twice(reached, organiser, vera):
    for minutes in range(2):
        Milestone.objects.update(announced_at=None)
        milestones.announce(now=LATER + timedelta(minutes=minutes))

    assert len(owed()) == 2


def test_two_announcers_at_a_time_tell_each_once(transactional_db, reached, organiser, vera):
    def announce() -> int:
        with closing(connection):
            return milestones.announce(now=LATER)

    with ThreadPoolExecutor(1) as other, transaction.atomic():
        mine = milestones.announce(now=LATER)
        theirs = other.submit(announce).result()

    assert (mine, theirs) == (3, 0)
    assert len(owed()) == 2


def test_a_correction_that_takes_the_count_below_and_over_it_again_is_no_news(
    drive, partner, organiser, staffer
):
    """Neither by mail nor by webhook nor in a chat."""
    now = timezone.now()
    Drive.objects.filter(pk=drive.pk).update(baseline=0)
    milestone = drive.milestones.create(scope="cumulative", target=2)
    facts = {"author": staffer, "language": "en", "now": now - timedelta(minutes=1)}
    for dialect in Endpoint.Dialect:
        hooks.make(
            partner=partner, address="https://hooks.example.org/rfs", dialect=dialect,
            kinds=[Event.MILESTONE_REACHED], **facts,
        )  # fmt: skip
    write(drive, 2, at=now, recorded_at=now)
    one = {"candidate_uuids": [Credit.objects.earliest("id").candidate_uuid]}
    why = {"reason": "a test", "author": staffer}

    def pass_by() -> None:
        milestones.fold(now=timezone.now())
        milestones.announce(now=timezone.now())
        lead_hooks.plan(now=timezone.now())

    pass_by()
    credits.void(**one, **why, now=timezone.now())
    pass_by()
    assert milestones.value(milestone=milestone, drive=Drive.objects.get(pk=drive.pk)) == 1
    credits.restore(**one, **why, now=timezone.now())
    pass_by()

    assert milestones.value(milestone=milestone, drive=Drive.objects.get(pk=drive.pk)) == 2
    kinds = Letter.objects.order_by("kind").values_list("kind", "recipient")
    assert sorted(kinds) == [
        ("drive_goal", "organiser@example.org"), ("milestone", "staff@example.org"),
    ]  # fmt: skip
    assert Delivery.objects.filter(kind="milestone.reached").count() == 2
