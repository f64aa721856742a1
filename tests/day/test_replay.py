"""The day, small: over HTTP, through the command, and the audit after it."""

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.utils import timezone

from candidates import demo
from candidates.management.commands import replay_day
from candidates.models import Candidate, FollowUp
from candidates.replay.browser import Browser, Line, NotThisMachine, loopback
from candidates.replay.cast import Habit, Person, Recipe
from partners import demo as demo_of_partners
from partners.demo import PARTNER_NAMES
from partners.models import Credit, Drive, Partner, ReferralLink
from recruit.rehearsal import gate


@pytest.mark.usefixtures("worker", "redis")
def test_the_day_comes_out_right(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay_day, "DRIVE_KNOWN_SECONDS", 2.1)
    said = io.StringIO()

    call_command(
        "replay_day", people=60, rate=0, clients=4, base_url=site, patience=30, stdout=said
    )

    assert "OFF" not in said.getvalue()
    assert "are right." in said.getvalue()
    assert Candidate.objects.count() == 60
    assert Candidate.objects.exclude(confirmed_at=None).count() > 20


@pytest.mark.usefixtures("every_day")
def test_twenty_times_the_same_at_the_same_moment_is_one_person(
    site: str, form_of_ada: dict[str, str]
) -> None:
    def post(_: int) -> tuple[int, str, bytes]:
        line = Line(base_url=site)
        answer = Browser(line, "a browser").post("/", form_of_ada)
        line.close()
        return answer.status, answer.location, answer.body

    with ThreadPoolExecutor(20) as fingers:
        answers = set(fingers.map(post, range(20)))

    assert answers == {(302, "/thanks/", b"")}
    assert Candidate.objects.count() == Credit.objects.count() == 1
    assert FollowUp.objects.count() == 1


@pytest.mark.parametrize("host", ["example.org", "10.0.0.1", "192.168.1.1", ""])
def test_a_replay_never_leaves_this_machine(host: str) -> None:
    with pytest.raises(NotThisMachine):
        loopback(host)


def test_a_site_that_is_not_there_is_refused_in_words(db: None) -> None:
    with pytest.raises(CommandError, match=r"start \./run first"):
        call_command("replay_day", base_url="http://127.0.0.1:9")


def test_the_same_recipe_makes_the_same_cast_and_another_run_other_people() -> None:
    first = Recipe(people=300, run=1, codes=["a", "b", "c"])
    people = [it for it in first.cast() if isinstance(it, Person)]
    others = Recipe(people=300, run=2, codes=["a", "b", "c"]).cast()

    assert first.cast() == first.cast()
    assert {it.habit for it in people} == set(Habit)
    assert len({it.email for it in people}) == 300
    assert not {it.email for it in people} & {it.email for it in others if isinstance(it, Person)}


def test_loading_the_demo_again_adds_nothing(
    every_day: object, outbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def counts() -> list[int]:
        models = (Partner, ReferralLink, Candidate, Credit, FollowUp)
        return [model.objects.count() for model in models] + [len(list(outbox.iterdir()))]

    call_command("load_demo", stdout=io.StringIO())
    loaded = counts()
    call_command("load_demo", stdout=io.StringIO())

    assert counts() == loaded
    assert Partner.objects.count() == len(PARTNER_NAMES) == 41
    assert Candidate.objects.count() == len(demo.FIRST_NAMES)
    assert not FollowUp.objects.filter(state="due", due_at__lte=timezone.now()).exists()


@pytest.mark.usefixtures("worker", "redis", "link")
def test_a_rehearsed_day_is_the_current_drives_own_and_mails_nobody(
    site: str,
    drive: Drive,
    outbox: Path,
    settings: LazySettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.IS_REHEARSAL, settings.IS_PRODUCTION = True, True
    # As in production: behind a proxy that speaks HTTPS, past which the replay goes.
    settings.BASE_URL, settings.ALLOWED_HOSTS = "https://try.example.org", ["try.example.org"]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    monkeypatch.setattr(gate, "look", lambda: gate.Gate.OPEN)
    monkeypatch.setattr(replay_day, "DRIVE_KNOWN_SECONDS", 2.1)
    now = timezone.now()
    drive.opens_at, drive.time_zone = now, demo_of_partners.zone_of(now)
    drive.day_on = now.astimezone(drive.zone).date()
    drive.save()
    said = io.StringIO()
    people = {"people": 30, "rate": 0, "clients": 4, "base_url": site, "patience": 30}

    call_command("replay_day", **people, stdout=said)

    assert "are right." in said.getvalue()
    assert Candidate.objects.exclude(confirmed_at=None).count() > 10
    assert set(Credit.objects.values_list("drive", flat=True)) == {drive.pk}
    assert not outbox.exists()
    with pytest.raises(CommandError, match="purge it and begin another"):
        call_command("replay_day", **people, stdout=said)


def test_production_replays_no_day(settings: LazySettings) -> None:
    settings.IS_PRODUCTION = True

    with pytest.raises(CommandError, match="in the demo or in a rehearsal"):
        call_command("replay_day")
