"""Two colleagues at the same settings: the second sees what changed, and loses nothing."""

import re
import threading
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Permission
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from candidates import broadcasts, editing, triage
from candidates.broadcasts import Audience
from candidates.models import Broadcast, Sequence, Step
from candidates.overtaking import Overtaken
from partners.models import User
from tests.broadcasts import drafted
from tests.conftest import NOON
from tests.forms import hidden
from tests.sequences.conftest import HOUR

pytestmark = pytest.mark.django_db
LIST = "/admin/candidates/sequence/"
LATER = datetime(2040, 1, 2, 17, tzinfo=UTC)
STEP = {"name": "uno", "days": "0", "hours": "4", "lane": "1"}
SEQUENCE = {"name": "After the call", "trigger": "stage_reached", "trigger_stage": "intro_call"}
FASTER = "saved other settings while this page was open"


@pytest.fixture
def robin(staffer: User) -> Client:
    """A colleague of whoever is first."""
    robin = User.objects.create_user("robin@example.org", full_name="Robin Reyes", is_staff=True)
    names = [f"{it}_{of}" for of in ("sequence", "broadcast") for it in ("view", "change", "add")]
    robin.user_permissions.add(*Permission.objects.filter(codename__in=names))
    client = Client()
    client.force_login(robin)
    return client


@pytest.fixture
def broadcast(staffer: User, drive) -> Broadcast:
    return drafted(staffer, now=timezone.now(), offices=["council"])


def at(step: Step) -> str:
    return f"{LIST}{step.sequence_id}/steps/{step.pk}/"


def began(page, action: str = "") -> dict:
    return {"began": hidden(page.text, action)["began"]}


def told_of(page) -> set[tuple[str, ...]]:
    """What the page says was changed: the question, its answer before, its answer now."""
    found = re.findall(
        "<dt>(.*?)</dt><dd><del>(.*?)</del> → <ins>(.*?)</ins>", page.text, re.DOTALL
    )
    return {tuple(it.strip() for it in line) for line in found}


def test_of_two_at_one_step_the_second_sees_what_the_first_changed(staff, robin, first):
    of_sam, of_robin = began(staff.get(at(first))), began(robin.get(at(first)))
    staff.post(at(first), STEP | {"name": "eins", "states": ["NY"]} | of_sam)

    late = robin.post(at(first), STEP | of_robin)

    assert FASTER in late.text
    assert told_of(late) == {
        ("Name", "one", "eins"),
        ("Days after the beginning", "at the beginning", "4 hours"),
        ("States and territories", "–", "NY"),
    }
    assert 'value="uno"' in late.text
    first.refresh_from_db()
    assert (first.name, first.states) == ("eins", ["NY"])

    robin.post(at(first), STEP | began(late))

    first.refresh_from_db()
    assert (first.name, first.states) == ("uno", [])


def test_nobody_is_asked_to_move_mail_by_times_that_a_colleague_has_changed(
    staff, robin, first, confirmed, staffer
):
    triage.move(candidate_ids=[confirmed.pk], to_stage="intro_call", author=staffer, now=NOON)
    confirmed.followups.filter(step=first).update(anchor_at=LATER, due_at=LATER)
    of_robin = began(robin.get(at(first)))
    moved = STEP | {"hours": "2", "agreed": "2"}
    staff.post(at(first), moved | began(staff.get(at(first))))

    late = robin.post(at(first), STEP | of_robin)

    assert FASTER in late.text
    assert "and their mail moves" not in late.text
    again = robin.post(at(first), STEP | began(late))
    assert "and their mail moves" in again.text
    robin.post(at(first), STEP | {"agreed": "4"} | began(again))
    first.refresh_from_db()
    assert (first.name, first.delay) == ("uno", 4 * HOUR)


def test_of_two_at_one_sequence_the_second_sees_what_the_first_changed(staff, robin, call):
    page = f"{LIST}{call.pk}/change/"
    of_sam, of_robin = began(staff.get(page)), began(robin.get(page))
    staff.post(page, SEQUENCE | {"ends_on_reply": "on"} | of_sam)

    late = robin.post(page, SEQUENCE | {"name": "Later"} | of_robin)

    assert FASTER in late.text
    assert told_of(late) == {("Ends when they reply", "no", "yes")}
    assert str(User.objects.get(pk=staff.session["_auth_user_id"])) in late.text
    call.refresh_from_db()
    assert (call.name, call.ends_on_reply) == ("After the call", True)

    robin.post(page, SEQUENCE | {"name": "Later"} | began(late))

    call.refresh_from_db()
    assert (call.name, call.ends_on_reply) == ("Later", False)


def test_of_two_at_one_audience_the_second_sees_what_the_first_changed(staff, robin, broadcast):
    page = f"/admin/candidates/broadcast/{broadcast.pk}/"
    to = f"{page}do/audience/"
    of_robin = began(robin.get(f"{page}change/"), to)
    broadcasts.rewrite(
        broadcast=broadcast, name="The day", audience=Audience(offices=["county"]),
        author=broadcast.drafted_by, now=NOON,
    )  # fmt: skip

    late = robin.post(to, {"name": "Mine", "states": ["TX"]} | of_robin)

    assert FASTER in late.text
    assert ("Offices", "City or town council", "County office") in told_of(late)
    assert Audience.of(Broadcast.objects.get()) == Audience(offices=["county"])

    robin.post(to, {"name": "Mine", "states": ["TX"]} | began(late, to))

    assert Audience.of(Broadcast.objects.get()) == Audience(states=["TX"])


def test_who_wants_what_stands_there_already_is_not_kept_waiting(call):
    seen = editing.settings_of(call)
    call.name = "Later"
    editing.save(sequence=call, seen=seen)

    editing.save(sequence=call, seen=seen)  # pressed twice

    assert Sequence.objects.get(pk=call.pk).name == "Later"


def test_exchanging_two_steps_is_seen_by_who_has_one_of_them_open(first, call):
    seen = editing.settings_of_step(first)
    editing.move(step=first, is_earlier=False, now=NOON)
    first.name = "uno"

    with pytest.raises(Overtaken):
        editing.save_step(step=first, seen=seen, now=NOON)


@pytest.mark.parametrize("line", ["nonsense", "[]", "{", "1"])
def test_what_no_page_of_ours_began_with_overwrites_nothing(staff, first, line):
    late = staff.post(at(first), STEP | {"began": line})

    assert late.status_code == 200
    assert FASTER in late.text
    first.refresh_from_db()
    assert first.name == "one"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", ["sequence", "step", "audience"])
def test_of_two_who_save_at_the_same_moment_one_is_told(call, first, broadcast, what):
    def save() -> None:
        try:
            saves[what]("theirs")
        except Overtaken:
            told.append(what)
        finally:
            connection.close()

    def sequence(name: str) -> None:
        row = Sequence.objects.get(pk=call.pk)
        row.name = name
        editing.save(sequence=row, seen=seen["sequence"])

    def step(name: str) -> None:
        row = Step.objects.select_related("sequence").get(pk=first.pk)
        row.name = name
        editing.save_step(step=row, seen=seen["step"], now=NOON)

    def audience(name: str) -> None:
        broadcasts.rewrite(
            broadcast=broadcast, name=name, audience=Audience(), seen=seen["audience"],
            author=broadcast.drafted_by, now=NOON,
        )  # fmt: skip

    saves = {"sequence": sequence, "step": step, "audience": audience}
    seen = {
        "sequence": editing.settings_of(call),
        "step": editing.settings_of_step(first),
        "audience": broadcasts.settings_of(broadcast=broadcast),
    }
    told: list[str] = []
    thread = threading.Thread(target=save)
    with transaction.atomic():
        saves[what]("mine")
        thread.start()
        thread.join(timeout=0.5)
        assert thread.is_alive()  # it waits for the first
    thread.join(timeout=20)

    assert told == [what]
