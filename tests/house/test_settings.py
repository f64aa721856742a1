"""The settings refuse what is wrong, in words, and production starts with nothing by default."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "RECRUIT_MODE": "production",
    "SECRET_KEY": "k" * 60,
    "SUPPRESSION_KEY": "s" * 60,
    "BASE_URL": "https://run.example.org",
    "DATABASE_URL": "postgresql://web:secret@db.example.org:5433/recruit",
    "REDIS_URL": "redis://redis.example.org:6379/0",
    "EMAIL_URL": "smtp://us%40er:pass@mail.example.org:587?tls=starttls",
    "POSTAL_ADDRESS": "1 Example Street",
    "DEFAULT_FROM_EMAIL": "Us <hello@run.example.org>",
    "STAFF_EMAILS": "a@example.org, b@example.org",
}
TELL = """
import json
from recruit import settings
print(json.dumps({name: getattr(settings, name) for name in %r}))
"""


def start(variables: dict[str, str], *names: str) -> subprocess.CompletedProcess[str]:
    system = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME")}
    return subprocess.run(
        [sys.executable, "-c", TELL % (list(names),)],
        cwd=CHECKOUT,
        env=system | variables,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_production_sends_no_webhook_to_itself() -> None:
    refused = start(PRODUCTION | {"HOOKS_TO_LOOPBACK": "on"})

    assert refused.returncode != 0
    assert "HOOKS_TO_LOOPBACK must be off in production" in refused.stderr
    assert json.loads(start(PRODUCTION, "HOOKS_TO_LOOPBACK").stdout) == {"HOOKS_TO_LOOPBACK": False}


def test_production_starts_with_all_it_needs() -> None:
    names = (
        "DEBUG",
        "SESSION_COOKIE_NAME",
        "CSRF_COOKIE_NAME",
        "TOUCH_COOKIE_NAME",
        "SESSION_COOKIE_SECURE",
        "SECURE_SSL_REDIRECT",
        "STAFF_EMAILS",
        "EMAIL_HOST_USER",
        "EMAIL_USE_TLS",
        "MAIL_DOMAIN",
    )
    told = json.loads(start(PRODUCTION, *names).stdout)

    assert told == {
        "DEBUG": False,
        "SESSION_COOKIE_NAME": "__Host-session",
        "CSRF_COOKIE_NAME": "__Host-csrf",
        "TOUCH_COOKIE_NAME": "__Host-touches",
        "SESSION_COOKIE_SECURE": True,
        "SECURE_SSL_REDIRECT": True,
        "STAFF_EMAILS": ["a@example.org", "b@example.org"],
        "EMAIL_HOST_USER": "us@er",
        "EMAIL_USE_TLS": True,
        "MAIL_DOMAIN": "run.example.org",
    }


NEEDED = sorted(set(PRODUCTION) - {"RECRUIT_MODE", "STAFF_EMAILS"})


@pytest.mark.parametrize("name", NEEDED)
def test_production_does_not_start_without(name: str) -> None:
    without = {key: value for key, value in PRODUCTION.items() if key != name}

    refused = start(without)

    assert refused.returncode != 0
    assert f"{name} must be set" in refused.stderr


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("RECRUIT_MODE", "prod"),
        ("DATABASE_URL", "mysql://localhost/x"),
        ("DATABASE_URL", "postgresql://localhost"),
        ("BASE_URL", "run.example.org"),
        ("EMAIL_URL", "mail.example.org"),
        ("EMAIL_URL", "smtp://mail.example.org?tls=maybe"),
        ("PROXY_HOPS", "-1"),
        ("PROXY_HOPS", "one"),
        ("REQUIRE_STAFF_TOTP", "yes"),
        ("MAIL_RATE_PER_SECOND", "fast"),
        ("MAIL_DOMAIN_RATES", "gmail.com"),
        ("MAIL_DOMAIN_RATES", "gmail.com=20,=5"),
        ("MAIL_DOMAIN_RATES", "gmail.com=-1"),
        ("DKIM_SELECTOR", "not a name"),
        ("EMAIL_URL", "sendgrid://KEY"),
        ("EMAIL_URL", "mailgun://KEY@run.example.org"),
        ("EMAIL_URL", "mailgun://KEY?signing_key=K"),
        ("EMAIL_URL", "sparkpost://KEY?region=mars"),
        ("EMAIL_URL", "postmark://TOKEN?track=yes"),
        ("EMAIL_URL", "postmark://"),
        ("BOUNCE_MAILBOX", "imap://user:password@mail.example.org"),
        ("BOUNCE_MAILBOX", "pop3s://mail.example.org"),
    ],
)
def test_a_wrong_variable_is_refused_by_name(name: str, wrong: str) -> None:
    refused = start(PRODUCTION | {name: wrong})

    assert refused.returncode != 0
    assert f"{name} must be" in refused.stderr


@pytest.mark.parametrize("key", ["/nowhere/dkim.pem", "-----BEGIN PRIVATE KEY-----\nAAAA"])
def test_a_broken_key_is_refused_by_name_and_not_shown(key: str) -> None:
    refused = start(PRODUCTION | {"DKIM_KEY": key, "DKIM_SELECTOR": "mail"})

    assert "DKIM_KEY must be a private RSA key" in refused.stderr
    assert "AAAA" not in refused.stderr


def test_a_key_needs_the_name_it_has_in_dns() -> None:
    assert "DKIM_SELECTOR must be a name" in start(PRODUCTION | {"DKIM_KEY": "/x"}).stderr


def test_rates_are_numbers_by_domain() -> None:
    said = {"MAIL_RATE_PER_SECOND": "50", "MAIL_DOMAIN_RATES": "Gmail.com=20, yahoo.com=0.5"}
    told = json.loads(start(PRODUCTION | said, *said).stdout)

    assert told == {
        "MAIL_RATE_PER_SECOND": 50.0,
        "MAIL_DOMAIN_RATES": {"gmail.com": 20.0, "yahoo.com": 0.5},
    }


MAILGUN = PRODUCTION | {
    "EMAIL_URL": "mailgun://KEY%3A1@Run.example.org?region=eu&signing_key=SIGN",
    "MAIL_WEBHOOK_SECRET": "provider:a-long-secret-of-ours",
}


def test_a_provider_is_spoken_to_without_counting_anything() -> None:
    told = json.loads(start(MAILGUN, "MAIL_PROVIDER", "EMAIL_BACKEND", "ANYMAIL").stdout)

    assert told == {
        "MAIL_PROVIDER": "mailgun",
        "EMAIL_BACKEND": "recruit.providers.Mailgun",
        "ANYMAIL": {
            "MAILGUN_API_KEY": "KEY:1",
            "MAILGUN_SENDER_DOMAIN": "Run.example.org",
            "MAILGUN_API_URL": "https://api.eu.mailgun.net/v3",
            "MAILGUN_WEBHOOK_SIGNING_KEY": "SIGN",
            "REQUESTS_TIMEOUT": [10, 18],
            "SEND_DEFAULTS": {"track_opens": False, "track_clicks": False},
            "WEBHOOK_SECRET": "provider:a-long-secret-of-ours",
        },
    }


@pytest.mark.parametrize("secret", ["", "provider:short", "no-colon-but-very-long-as-it-is"])
def test_a_provider_must_show_who_it_is(secret: str) -> None:
    refused = start(MAILGUN | {"MAIL_WEBHOOK_SECRET": secret})

    assert refused.returncode != 0
    assert "MAIL_WEBHOOK_SECRET must be" in refused.stderr


def test_a_provider_has_a_sender_of_its_own_on_the_envelope() -> None:
    refused = start(MAILGUN | {"BOUNCE_ADDRESS": "bounces@run.example.org"})

    assert "BOUNCE_ADDRESS must be left out" in refused.stderr


def test_a_mailbox_for_bounces_is_read_from_one_address() -> None:
    address = {"BOUNCE_MAILBOX": "pop3s://boun%40ces:secret@mail.example.org"}
    told = json.loads(start(PRODUCTION | address, "BOUNCE_MAILBOX", "MAIL_PROVIDER").stdout)

    assert told["MAIL_PROVIDER"] == ""
    assert told["BOUNCE_MAILBOX"] == {
        "host": "mail.example.org",
        "port": 995,
        "user": "boun@ces",
        "password": "secret",
        "is_tls": True,
    }
