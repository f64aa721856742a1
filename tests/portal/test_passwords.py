"""A new password by mail: a letter like the others, that somebody waits for."""

import re
from datetime import timedelta
from statistics import median
from time import perf_counter

import pytest
from celery.signals import before_task_publish
from django.core import mail
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from partners import letters, passwords
from partners.models import Letter, User
from tests.conftest import NOON
from tests.sink import Sink

KNOWN, UNKNOWN = "olga@example.org", "nobody@example.org"
NEW = {"new_password1": "another-long-secret", "new_password2": "another-long-secret"}


def ask(client: Client, email: str, **more):
    return client.post("/new-password/", {"email": email}, **more)


def send() -> int:
    return letters.sweep(clock=timezone.now)


def address() -> str:
    """Return where the last letter leads."""
    return re.search(r"https?://[^/\s]+(/new-password/\S+)", mail.outbox[-1].body)[1]


def test_the_letter_leads_to_a_new_password_once(client, olga):
    ask(client, "Olga@example.org")
    assert send() == 1

    form = client.get(address(), follow=True)
    done = client.post(form.request["PATH_INFO"], NEW)

    assert done["Location"] == "/new-password/done/"
    right = {"username": KNOWN, "password": NEW["new_password1"]}
    assert client.post("/log-in/", right).status_code == 302
    assert b"This link no longer works" in client.get(address(), follow=True).content
    (letter,) = mail.outbox
    assert (letter.to, letter.subject.count("\n")) == ([KNOWN], 0)
    assert letter.body.startswith("Hello Olga,\n")
    assert address() in letter.alternatives[0][0]


def test_asking_tells_nobody_who_has_an_account(client, olga):
    answers, statements = [], []
    for email in (KNOWN, UNKNOWN):
        with CaptureQueriesContext(connection) as queries:
            answers.append(ask(client, email))
        statements.append([it["sql"].partition(" (")[0].partition(' "s')[0] for it in queries])

    known, unknown = answers
    assert (known.status_code, known["Location"]) == (302, "/new-password/sent/")
    assert known.status_code == unknown.status_code
    assert (known.content, known.headers) == (unknown.content, unknown.headers)
    assert [it[:27] for it in statements[0]] == [it[:27] for it in statements[1]]
    assert [it[:27] for it in statements[1] if "partners_letter" in it] == [
        'INSERT INTO "partners_lette',
        'DELETE FROM "partners_lette',
    ]
    assert [it.recipient for it in Letter.objects.all()] == [KNOWN]


@pytest.mark.django_db(transaction=True)
def test_a_known_and_an_unknown_address_take_the_same_time(client):
    people = [f"person{n}@example.org" for n in range(40)]
    for email in people:
        User.objects.create_user(email, "a-long-enough-secret")
    taken: dict[str, list[float]] = {"person": [], "nobody": []}
    for number, email in enumerate(people):
        for name, typed in {"person": email, "nobody": f"not-{email}"}.items():
            began = perf_counter()
            ask(client, typed, REMOTE_ADDR=f"198.51.100.{number}")
            taken[name].append(perf_counter() - began)

    assert Letter.objects.count() == len(people)
    assert abs(median(taken["person"]) - median(taken["nobody"])) < 0.005


def test_no_broker_is_needed_and_no_task_carries_who_asked(client, olga):
    ordered: list[str] = []

    def note(headers=None, **_rest):
        ordered.append(headers["task"])

    before_task_publish.connect(note)
    ask(client, KNOWN)
    before_task_publish.disconnect(note)

    assert ordered == []
    assert send() == 1


def test_while_postgresql_is_away_the_page_says_so(olga, monkeypatch):
    def away(**_words):
        raise OperationalError

    monkeypatch.setattr(passwords.letters, "owe", away)
    person = Client(raise_request_exception=False)

    assert [ask(person, email).status_code for email in (KNOWN, UNKNOWN)] == [503, 503]


def test_the_key_stands_in_no_row_and_in_no_log(client, olga, caplog):
    ask(client, KNOWN)
    before = str(list(Letter.objects.values()))
    send()

    token = address().rstrip("/").rpartition("/")[2]
    assert len(token) > 30
    assert token not in before + str(list(Letter.objects.values())) + caplog.text
    assert Letter.objects.get().facts == {"user": olga.pk}


def test_asked_twice_before_it_left_it_comes_once(client, olga):
    ask(client, KNOWN)
    ask(client, KNOWN)

    assert send() == 1
    assert len(mail.outbox) == 1


def test_what_was_put_off_is_not_sent_after_a_later_one(client, olga, sink: Sink):
    sink.refuse[KNOWN] = (450, "later")
    ask(client, KNOWN)
    send()
    sink.refuse.clear()
    ask(client, KNOWN)

    assert send() == 1
    assert letters.sweep(clock=lambda: timezone.now() + timedelta(minutes=5)) == 0
    assert len(sink.messages) == 1


def test_asked_again_later_it_comes_again(client, olga):
    for _ in range(2):
        ask(client, KNOWN)
        assert send() == 1

    first, second = (it.extra_headers["Message-ID"] for it in mail.outbox)
    assert first != second


def test_a_letter_whose_link_would_have_run_out_is_not_sent(olga, sink: Sink, settings):
    passwords.ask(email=KNOWN, language="en", now=NOON)
    valid_for = timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)

    assert letters.sweep(clock=lambda: NOON + valid_for) == 0
    assert Letter.objects.get().last_error == "NotWanted"

    passwords.ask(email=KNOWN, language="en", now=NOON + timedelta(seconds=1))
    assert letters.sweep(clock=lambda: NOON + valid_for) == 1


@pytest.mark.parametrize("change", [{"is_active": False}, {"email": "other@example.org"}])
def test_who_was_switched_off_or_has_another_address_since_gets_none(client, olga, change):
    ask(client, KNOWN)
    User.objects.update(**change)

    assert send() == 0
    assert mail.outbox == []


def test_a_switched_off_account_is_nobodys(client, olga):
    User.objects.update(is_active=False)

    ask(client, KNOWN)

    assert not Letter.objects.exists()


def test_a_letter_never_leads_to_the_host_that_asked(client, olga, settings):
    settings.BASE_URL = "https://recruit.example"

    ask(client, KNOWN, headers={"host": "testserver"})
    send()

    assert "https://recruit.example/new-password/" in mail.outbox[0].body


def test_it_comes_in_the_language_of_the_page(client, olga):
    client.post("/es/new-password/", {"email": KNOWN})
    send()

    assert "/es/new-password/" in mail.outbox[0].body


def test_it_leaves_before_what_nobody_waits_for(olga, river, sink: Sink):
    letters.owe(
        kind=Letter.Kind.SECOND_STEP,
        recipient="before@example.org",
        language="en",
        facts={"user": olga.pk, "deed": "on"},
        key="before",
        now=NOON - timedelta(hours=1),
    )
    passwords.ask(email=KNOWN, language="en", now=NOON)

    assert letters.sweep(clock=lambda: NOON) == 2
    assert [it["To"] for it in sink.messages] == [KNOWN, "before@example.org"]


def test_a_refusal_tells_the_log_no_address(client, olga, sink: Sink, caplog):
    sink.refuse[KNOWN] = (550, f"no {KNOWN} here")
    ask(client, KNOWN)
    send()

    ours = [it.getMessage() for it in caplog.records if it.name.startswith("partners")]
    assert ours == [f"letter {Letter.objects.get().pk} did not leave: SMTPRecipientsRefused 550"]
