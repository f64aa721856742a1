"""What the variables make of a process of a rehearsal: nothing of it is shared with a real one."""

import json

import pytest
from django.conf import settings

from tests.house.test_settings import PRODUCTION, start

REAL = PRODUCTION | {
    "REHEARSAL_URL": "https://rehearsal.example.org",
    "REHEARSAL_REDIS_URL": "redis://redis.example.org:6379/1",
}
REHEARSAL = REAL | {"RECRUIT_REHEARSAL": "on"}
# By these two processes that serve one host and one database could find each other.
APART = (
    "BASE_URL",
    "SECRET_KEY",
    "REDIS_URL",
    "CELERY_BROKER_URL",
    "SESSION_COOKIE_NAME",
    "CSRF_COOKIE_NAME",
    "TOUCH_COOKIE_NAME",
    "DEVICE_COOKIE_NAME",
    "EMAIL_BACKEND",
)


def told(variables: dict[str, str], *names: str) -> dict[str, object]:
    answer = start(variables, *names)
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def test_it_shares_no_cookie_no_key_no_queue_and_no_address() -> None:
    real, rehearsal = told(REAL, *APART), told(REHEARSAL, *APART)

    assert [name for name in real if real[name] == rehearsal[name]] == []
    assert rehearsal["BASE_URL"] == "https://rehearsal.example.org"
    assert rehearsal["SESSION_COOKIE_NAME"] == "__Host-rehearsal-session"


def test_every_cookie_that_has_a_name_here_is_among_them() -> None:
    named = {name for name in dir(settings) if name.endswith("_COOKIE_NAME")}
    unused = {"LANGUAGE_COOKIE_NAME"}  # the language is in the address

    assert named - unused <= set(APART)


def test_its_database_is_one_schema_and_the_hash_of_suppressed_addresses_is_ours() -> None:
    names = ("DATABASES", "SUPPRESSION_KEY", "MAIL_RATE_PER_SECOND", "ALLOWED_HOSTS")
    real, rehearsal = told(REAL, *names), told(REHEARSAL, *names)

    assert rehearsal["DATABASES"]["default"]["ONLY_SCHEMA"] == "rehearsal"
    assert "ONLY_SCHEMA" not in real["DATABASES"]["default"]
    assert rehearsal["SUPPRESSION_KEY"] == real["SUPPRESSION_KEY"]
    assert rehearsal["MAIL_RATE_PER_SECOND"] == 1
    assert rehearsal["ALLOWED_HOSTS"] == ["rehearsal.example.org"]


def test_it_calls_no_webhook_reads_no_bounces_and_writes_no_news_of_the_week() -> None:
    real, rehearsal = (told(it, "CELERY_BEAT_SCHEDULE") for it in (REAL, REHEARSAL))

    left_out = set(real["CELERY_BEAT_SCHEDULE"]) - set(rehearsal["CELERY_BEAT_SCHEDULE"])
    assert left_out == {
        "candidates.tasks.plan_hooks",
        "candidates.tasks.send_hooks",
        "candidates.tasks.read_mailbox",
        "partners.tasks.owe_digests",
        "partners.tasks.tend_rehearsal",
    }


def test_a_real_process_has_none_of_it() -> None:
    names = ("MIDDLEWARE", "EMAIL_BACKEND", "SESSION_COOKIE_NAME")
    real, without = told(REAL, *names), told(PRODUCTION, *names)

    assert real == without
    assert not any("rehearsal" in it for it in real["MIDDLEWARE"])


@pytest.mark.parametrize(
    ("changed", "refused"),
    [
        ({"REHEARSAL_URL": ""}, "REHEARSAL_URL must be set"),
        ({"REHEARSAL_REDIS_URL": ""}, "REHEARSAL_REDIS_URL must be another database"),
        ({"REHEARSAL_REDIS_URL": PRODUCTION["REDIS_URL"]}, "must be another database"),
        ({"REHEARSAL_SCHEMA": "public"}, "REHEARSAL_SCHEMA must be"),
        ({"RECRUIT_REHEARSAL": "1"}, "RECRUIT_REHEARSAL must be on or off"),
    ],
)
def test_what_would_mix_the_two_is_refused(changed: dict[str, str], refused: str) -> None:
    answer = start(REHEARSAL | changed)

    assert answer.returncode != 0
    assert refused in answer.stderr
