"""The first person of staff is made once, and a mistake is explained."""

import pytest
from django.core.management import CommandError, call_command

from partners.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def answers(monkeypatch):
    def give(**variables):
        for name in ("STAFF_EMAIL", "STAFF_NAME", "STAFF_PASSWORD"):
            monkeypatch.delenv(name, raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    return give


def test_the_first_staff_user_can_log_in(answers, client):
    answers(STAFF_EMAIL="Kim@Example.org", STAFF_PASSWORD="many-words-make-it-long")

    call_command("create_staff")

    assert client.login(email="kim@example.org", password="many-words-make-it-long")
    assert User.objects.get().is_superuser


def test_with_staff_there_nothing_happens(answers, sam):
    answers()

    call_command("create_staff")

    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "STAFF_EMAIL"),
        ({"STAFF_EMAIL": "kim@example.org"}, "STAFF_PASSWORD"),
        ({"STAFF_EMAIL": "kim", "STAFF_PASSWORD": "many-words-make-it-long"}, "valid email"),
        ({"STAFF_EMAIL": "kim@example.org", "STAFF_PASSWORD": "short"}, "too short"),
    ],
)
def test_a_mistake_says_what_to_do(given, said, answers):
    answers(**given)

    with pytest.raises(CommandError, match=said):
        call_command("create_staff")

    assert not User.objects.exists()
