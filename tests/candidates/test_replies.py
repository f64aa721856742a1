"""What a mail server says is understood, and what follows from it happens at once."""

from datetime import timedelta

import pytest

from candidates import followups, privacy
from candidates.models import Candidate, FollowUp, MailEvent, Suppression
from candidates.signup import Answers
from recruit import replies
from tests import mails
from tests.candidates.test_sending import Watch
from tests.conftest import NOON, SignUp
from tests.sink import Sink

SAID = [
    (550, "5.1.1 no such user", replies.HARD_BOUNCE),
    (550, "5.1.10 recipient address has null MX", replies.HARD_BOUNCE),
    (553, "5.1.3 bad destination mailbox address syntax", replies.HARD_BOUNCE),
    (550, "5.1.6 mailbox has moved", replies.HARD_BOUNCE),
    (550, "5.2.1 mailbox disabled", replies.HARD_BOUNCE),
    (556, "domain does not accept mail", replies.HARD_BOUNCE),
    (552, "5.2.2 mailbox full", replies.BOUNCE),
    (552, "quota exceeded", replies.BOUNCE),
    (550, "5.1.0 address rejected", replies.BOUNCE),
    (452, "4.2.2 mailbox full", replies.SOFT_BOUNCE),
    (450, "4.2.1 mailbox busy", replies.SOFT_BOUNCE),
    (421, "4.7.0 unsolicited mail, try again later", replies.BUSY),
    (451, "4.7.1 greylisted", replies.BUSY),
    (450, "too many messages from you", replies.BUSY),
    (452, "4.5.3 Too many recipients", replies.BUSY),
    (421, "service not available, closing", replies.CLOSED),
    (421, "4.3.2 shutting down", replies.CLOSED),
    (454, "4.7.0 temporary authentication failure", replies.EVERYBODY),
    (530, "5.7.0 authentication required", replies.EVERYBODY),
    (535, "5.7.8 credentials invalid", replies.EVERYBODY),
    (451, "4.3.0 temporary server error", replies.TROUBLED),
    (452, "4.3.1 out of disk", replies.TROUBLED),
    (451, "local error", replies.RETRY),
    (451, "the corporate policy server is busy", replies.RETRY),
    (450, "rate limit exceeded", replies.BUSY),
    (452, "mailbox full", replies.RETRY),
    (450, "4.4.1 no answer from host", replies.RETRY),
    (550, "5.1.8 bad sender's system address", replies.REFUSED),
    (554, "5.7.1 relay access denied", replies.REFUSED),
    (550, "5.7.26 unauthenticated mail is prohibited", replies.REFUSED),
    (550, "no", replies.REFUSED),
    (0, "", replies.HUNG_UP),
]


@pytest.mark.parametrize(("code", "text", "meant"), SAID)
def test_a_reply_is_understood(code: int, text: str, meant: replies.Outcome):
    assert replies.outcome(code=code, text=text) is meant


@pytest.mark.parametrize(
    ("code", "text", "meant"),
    [
        (550, "5.1.1 who are you", replies.REFUSED),
        (450, "4.7.1 too many", replies.CLOSED),
        (530, "5.7.0 authentication required", replies.EVERYBODY),
    ],
)
def test_what_is_said_before_the_reader_is_named_is_about_us(
    code: int, text: str, meant: replies.Outcome
):
    assert replies.outcome(code=code, text=text, is_about_us=True) is meant


def test_every_line_of_the_table_is_spoken_of_here():
    """Each line decides one of the replies above: without it, that one would mean another."""
    for pattern, meant in replies._table:
        first = [
            next(other for other, _outcome in replies._table if other.match(f"{code} {text}"))
            for code, text, _meant in SAID
            if code
        ]
        assert pattern in first, (pattern, meant)


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def candidate(sign_up: SignUp, ada: Answers, _what_ships: None) -> Candidate:
    return sign_up(ada)


def test_what_the_table_calls_a_failure_is_a_mail_event():
    assert {meant.event for _pattern, meant in replies._table} - {""} <= set(MailEvent.Kind.values)


def told() -> list[tuple[str, str, str]]:
    events = MailEvent.objects.order_by("at", "pk")
    return list(events.values_list("provider", "kind", "detail"))


def test_an_address_that_does_not_exist_is_never_mailed_again(
    candidate: Candidate, sink: Sink, watch: Watch
):
    sink.refuse["ada@example.org"] = (550, "5.1.1 no such user: ada@example.org")

    mails.send_due(clock=watch)

    assert mails.of(candidate).state == "failed"
    assert privacy.suppressed(emails=["ada@example.org"])
    assert Suppression.objects.get().reason == "hard_bounce"
    assert told() == [("smtp", "hard_bounce", "550 5.1.1")]
    assert not FollowUp.objects.filter(state__in=FollowUp.UNSENT).exists()


def test_an_address_that_was_allowed_again_and_still_does_not_exist_is_suppressed_again(
    candidate: Candidate, sink: Sink, watch: Watch
):
    sink.refuse["ada@example.org"] = (550, "5.1.1 no such user")
    mails.send_due(clock=watch)
    Suppression.objects.all().delete()
    watch.wind(days=1)

    followups.retry(ids=[mails.of(candidate).pk], now=watch())
    mails.send_due(clock=watch)

    assert Suppression.objects.get().reason == "hard_bounce"
    assert told() == [("smtp", "hard_bounce", "550 5.1.1")] * 2


def test_a_mailbox_that_is_full_for_now_is_told_of_once_and_mailed_later(
    candidate: Candidate, sink: Sink, watch: Watch
):
    sink.refuse["ada@example.org"] = (452, "4.2.2 mailbox full")
    for _ in range(3):
        mails.send_due(clock=watch)
        watch.wind(minutes=5)
    sink.refuse.clear()
    mails.send_due(clock=watch)

    assert mails.of(candidate).state == "sent"
    assert told() == [("smtp", "deferred", "452 4.2.2")]
    assert not Suppression.objects.exists()


def test_three_mails_that_bounce_within_a_week_are_the_last(
    candidate: Candidate, sink: Sink, watch: Watch
):
    sink.refuse["ada@example.org"] = (552, "5.2.2 mailbox full")
    mails.send_due(clock=watch)
    for number in (2, 3):
        watch.wind(days=2)
        FollowUp.objects.filter(state="due").update(due_at=watch())
        assert not Suppression.objects.exists()
        mails.send_due(clock=watch)
        assert mails.of(candidate, ("confirmation", number)).state == "failed"

    assert Suppression.objects.get().reason == "soft_bounces"
    assert [kind for _by, kind, _detail in told()] == ["soft_bounce"] * 3


def test_what_the_server_says_of_us_all_is_written_of_nobody(
    candidate: Candidate, sink: Sink, watch: Watch
):
    sink.answer_data = (530, "5.7.0 authentication required")
    for _ in range(20):
        mails.send_due(clock=watch)
        watch.wind(hours=1)

    assert told() == []
    assert (mails.of(candidate).state, mails.of(candidate).attempts) == ("due", 0)


def test_a_server_that_never_answers_is_written_of_nobody(
    candidate: Candidate, sink: Sink, watch: Watch
):
    sink.drop_after = 0
    mails.send_due(clock=watch)

    assert told() == []
    assert mails.of(candidate).due_at > NOON + timedelta(seconds=20)
