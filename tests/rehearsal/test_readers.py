"""Whom a rehearsal mails: people with an account, and nobody else; and what each mail says."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.core.mail import EmailMessage, get_connection

from candidates.models import FollowUp
from candidates.signup import Answers
from partners import letters, readers
from partners.models import Letter, User
from tests.conftest import NOON, SignUp
from tests.mails import CONFIRM, REMIND, of, send_due
from tests.sink import Sink


@pytest.fixture
def rehearsing(settings: LazySettings, sink: Sink) -> None:
    """This process serves a rehearsal, as far as its mail goes."""
    settings.IS_REHEARSAL = True
    settings.REHEARSED_EMAIL_BACKEND = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "partners.readers.EmailBackend"


def owe(recipient: str, key: str) -> None:
    kind, facts = Letter.Kind.SECOND_STEP, {"deed": "on"}
    letters.owe(kind=kind, recipient=recipient, language="es", facts=facts, key=key, now=NOON)


@pytest.mark.usefixtures("rehearsing")
def test_who_has_no_account_gets_no_mail_and_the_row_says_why(
    sign_up: SignUp, ada: Answers, sink: Sink
) -> None:
    candidate = sign_up(ada)

    send_due(clock=lambda: NOON + timedelta(minutes=1))

    assert sink.received == []
    unsent = of(candidate, CONFIRM)
    assert (unsent.state, unsent.why) == (FollowUp.State.NEEDLESS, FollowUp.Why.REHEARSAL)
    assert of(candidate, REMIND).state == FollowUp.State.DUE  # the day goes on as it would


@pytest.mark.usefixtures("rehearsing")
def test_a_colleague_who_tries_the_form_gets_the_mail_marked(
    sign_up: SignUp, ada: Answers, staffer: User, sink: Sink
) -> None:
    sign_up(replace(ada, email="Staff@example.org"))

    send_due(clock=lambda: NOON + timedelta(minutes=1))

    (mail,) = sink.messages
    assert str(mail["Subject"]).startswith("[Rehearsal] ")


@pytest.mark.usefixtures("rehearsing")
def test_letters_go_to_accounts_and_others_are_given_up(organiser: User, sink: Sink) -> None:
    owe(organiser.email, "one")
    owe("somebody@example.org", "two")

    letters.sweep(clock=lambda: NOON)

    (mail,) = sink.messages
    assert mail["To"] == organiser.email
    assert str(mail["Subject"]).lstrip().startswith("[Ensayo] ")
    given_up = Letter.objects.exclude(given_up_at=None).get()
    assert (given_up.key, given_up.last_error) == (
        "two",
        "a rehearsal mails no news, and nobody without an account",
    )


@pytest.mark.usefixtures("rehearsing")
def test_no_member_is_mailed_the_news_of_a_rehearsal(organiser: User, sink: Sink) -> None:
    facts = {"member": organiser.memberships.get().pk}
    letters.owe(
        kind=Letter.Kind.GOAL,
        recipient=organiser.email,
        language="en",
        facts=facts,
        key="goal",
        now=NOON,
    )

    letters.sweep(clock=lambda: NOON)

    assert sink.received == []
    assert Letter.objects.get().given_up_at == NOON


@pytest.mark.usefixtures("rehearsing", "db")
def test_the_last_door_lets_no_stranger_through(sink: Sink) -> None:
    mail = EmailMessage("Hello", "You.", to=["Ada <ada@example.org>"])

    with pytest.raises(readers.Stranger):
        get_connection().send_messages([mail])

    assert sink.received == []


def test_the_real_day_asks_nobody_who_they_are(db: None, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(0):
        assert readers.strangers(emails=["ada@example.org"]) == set()
