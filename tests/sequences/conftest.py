"""A sequence that staff made, and a colleague who may change it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client

from candidates import editing, signup, texts
from candidates.models import Candidate, Sequence, Step
from candidates.signup import Answers
from partners.models import User
from tests.conftest import NOON, SignUp

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WAITED_AT_MOST = 4  # seconds
BODY = "# Hello\n\nHi {first_name|friend}.\n"


def made(**columns: object) -> Sequence:
    usual: dict[str, object] = {"name": "After the call", "slug": "call"}
    usual |= {"trigger": "stage_reached", "trigger_stage": "intro_call"}
    sequence = Sequence(**(usual | columns))
    editing.create(sequence=sequence)
    return sequence


def add(sequence: Sequence, name: str, delay: timedelta, author: User, **columns: object) -> Step:
    step = Step(sequence=sequence, name=name, delay=delay, **columns)
    editing.add(step=step, subject=f"About {name}", body=BODY, author=author, now=NOON)
    return step


@pytest.fixture
def no_waiting(transactional_db: None) -> Iterator[None]:
    """Fail where a lock of somebody else would be waited for."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = {1000 * WAITED_AT_MOST}")
        yield
        cursor.execute("RESET lock_timeout")


@pytest.fixture
def call(staffer: User) -> Sequence:
    """Three mails on three days for whoever reaches the introduction call; on."""
    sequence = made()
    for days, name in enumerate(("one", "two", "three")):
        add(sequence, name, days * DAY, staffer)
    editing.switch_on(sequence=sequence, now=NOON)
    return sequence


@pytest.fixture
def first(call: Sequence) -> Step:
    return call.steps.select_related("sequence").get(name="one")


@pytest.fixture
def place(first: Step) -> texts.Place:
    return texts.Place(first, "en")


@pytest.fixture
def confirmed(sign_up: SignUp, ada: Answers) -> Candidate:
    candidate = sign_up(ada)
    signup.confirm(candidate_id=candidate.id, now=NOON)
    candidate.refresh_from_db()
    return candidate


@pytest.fixture
def staff(staffer: User) -> Client:
    client = Client()
    client.force_login(staffer)
    return client


@pytest.fixture
def looker(db: None) -> Client:
    """A colleague who may look at sequences and change none."""
    user = User.objects.create_user("robin@example.org", full_name="Robin", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_sequence"))
    client = Client()
    client.force_login(user)
    return client
