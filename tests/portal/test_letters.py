"""Letters to the people of partners: owed once, sent once or again under one Message-ID."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction

from partners import joining, letters, mail_routes, passwords
from partners.letters import outcomes, sending
from partners.mail_routes import PROVIDER
from partners.models import Drive, Letter, Member, Milestone, Partner, User
from tests.conftest import NOON
from tests.sink import Sink

NEXT_DAY = NOON + timedelta(days=1)


class Killed(BaseException):
    """The worker dies here."""


@pytest.fixture
def invitation(river):
    return joining.invite(
        partner=river,
        email="nina@example.org",
        role=Member.Role.VIEWER,
        by=None,
        language="en",
        now=NOON,
    )


@pytest.fixture
def owe_news(olga: User, river: Partner, drive: Drive) -> Callable[[int], None]:
    """Olga is owed the news that River Valley passed its goal, so many times."""
    milestone = Milestone.objects.create(
        drive=drive, partner=river, scope="day", target=50, reached_at=NOON, reached_value=51
    )

    def owe_news(number: int) -> None:
        for n in range(1, number + 1):
            letters.owe(
                kind=Letter.Kind.GOAL,
                recipient=olga.email,
                language="en",
                facts={"member": olga.memberships.get().pk, "milestone": milestone.pk},
                key=f"goal:{n}",
                now=NOON - timedelta(milliseconds=100 - n),
            )

    return owe_news


@pytest.fixture
def news(owe_news: Callable[[int], None]) -> Letter:
    owe_news(1)
    return Letter.objects.get(key="goal:1")


def send(at: datetime = NOON) -> int:
    return letters.sweep(clock=lambda: at)


def test_an_invitation_arrives_once_and_says_where_to_go(invitation, sink: Sink):
    assert (send(), send(NEXT_DAY)) == (1, 0)

    (mail,) = sink.messages
    assert mail["To"] == "nina@example.org"
    assert mail["Subject"] == "You are invited to the portal of River Valley Organizers"
    assert "/join/" in mail.get_body(("plain",)).get_content()
    assert "/join/" in mail.get_body(("html",)).get_content()
    assert mail["List-Unsubscribe"] is None


def test_owing_twice_is_owing_once(invitation):
    letter = Letter.objects.get()
    letters.owe(
        kind=Letter.Kind.INVITATION,
        recipient="another@example.org",
        language="en",
        facts={},
        key=letter.key,
        now=NOON,
    )

    assert Letter.objects.get().recipient == "nina@example.org"


def test_a_worker_that_dies_after_sending_sends_an_invitation_again_under_its_name(
    invitation, sink: Sink, monkeypatch
):
    dying_after_the_mail(monkeypatch)
    with pytest.raises(Killed):
        send()
    monkeypatch.undo()

    assert send(NOON + timedelta(seconds=59)) == 0
    assert send(NOON + timedelta(seconds=61)) == 1
    assert len(sink.message_ids) == 2
    assert len(set(sink.message_ids)) == 1


def test_a_worker_that_dies_after_sending_news_sends_it_no_second_time(
    news, sink: Sink, monkeypatch
):
    dying_after_the_mail(monkeypatch)
    with pytest.raises(Killed):
        send()
    monkeypatch.undo()

    assert send(NEXT_DAY) == 0
    assert len(sink.messages) == 1


def dying_after_the_mail(monkeypatch) -> None:
    record = outcomes.record

    def dying(letter: Letter, **changes: object) -> None:
        if "leased_until" not in changes:
            raise Killed
        record(letter, **changes)

    monkeypatch.setattr(outcomes, "record", dying)


def test_a_cut_line_costs_no_invitation_and_sends_no_news_twice(invitation, news, sink: Sink):
    sink.hangs_up_on = {"nina@example.org", "olga@example.org"}
    for minutes in range(4):
        send(NOON + timedelta(minutes=minutes))
    sink.hangs_up_on = set()

    send(NEXT_DAY)

    assert [mail["To"] for mail in sink.messages] == ["nina@example.org"]


def test_a_server_that_is_away_costs_no_letter_an_attempt_and_is_left_alone_for_a_while(
    invitation, news, sink: Sink, settings
):
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    assert send() == 0
    assert {it.attempts for it in Letter.objects.all()} == {0}

    settings.EMAIL_PORT = port
    assert send(NOON + timedelta(seconds=14)) == 0
    assert sink.connections == 0
    assert send(NOON + timedelta(seconds=15)) == 2
    assert not mail_routes.is_resting(key=PROVIDER, now=NOON + timedelta(seconds=16))


def test_what_other_mail_learnt_of_the_server_keeps_letters_back_too(invitation, sink: Sink):
    mail_routes.note_failure(key=PROVIDER, most=1, is_trial=False, now=NOON)

    assert (send(), sink.connections) == (0, 0)
    assert send(NOON + timedelta(seconds=15)) == 1


def test_a_server_that_closes_again_and_again_costs_no_letter_more_than_the_first_ones(
    owe_news, sink: Sink
):
    owe_news(5)
    sink.answer_data = (421, "4.3.2 closing")

    assert send() == 0

    tried = Letter.objects.order_by("owed_at").values_list("attempts", flat=True)
    assert list(tried) == [1, 1, 0, 0, 0]
    assert sink.connections == 3
    assert mail_routes.is_resting(key=PROVIDER, now=NOON)


def test_letters_keep_to_the_rate_of_the_provider_and_news_leaves_room_for_the_rest(
    owe_news, sink: Sink, settings
):
    settings.MAIL_RATE_PER_SECOND = 0.5
    owe_news(6)
    assert send() == 4

    passwords.ask(email="olga@example.org", language="en", now=NOON)
    assert send() == 1

    assert sink.messages[-1]["Subject"].startswith("Choose a new password")
    assert send(NOON + timedelta(minutes=1)) == 2


def test_an_address_that_is_refused_twice_is_given_up_and_stops_no_other(
    invitation, news, sink: Sink, caplog
):
    sink.refuse["nina@example.org"] = (550, "no nina@example.org here")

    sent = [send(NOON + timedelta(minutes=minutes)) for minutes in range(3)]

    assert sent == [1, 0, 0]
    refused = Letter.objects.get(recipient="nina@example.org")
    assert (refused.attempts, refused.sent_at) == (2, None)
    assert refused.given_up_at == NOON + timedelta(minutes=1)
    ours = [it.getMessage() for it in caplog.records if it.name.startswith("partners")]
    assert not any("example.org" in line for line in ours)


def test_an_address_that_does_not_exist_is_given_up_at_once(invitation, sink: Sink):
    sink.refuse["nina@example.org"] = (550, "5.1.1 no such user")

    assert (send(), send(NEXT_DAY)) == (0, 0)

    letter = Letter.objects.get()
    assert (letter.attempts, letter.given_up_at) == (1, NOON)
    assert letter.last_error == "SMTPRecipientsRefused 550"


def test_what_is_refused_for_now_is_tried_twelve_times_and_later_each_time(invitation, sink: Sink):
    sink.refuse["nina@example.org"] = (450, "4.2.1 mailbox busy")
    at, waited = NOON, []
    for _ in range(13):
        send(at)
        letter = Letter.objects.get()
        if letter.given_up_at:
            break
        waited.append((letter.leased_until - at).total_seconds())
        at = letter.leased_until

    assert (letter.attempts, letter.given_up_at) == (12, at)
    longest = [min(30 * 2**n, 6 * 3600) for n in range(11)]
    assert all(0.75 * most <= it <= most for it, most in zip(waited, longest, strict=True))
    assert waited[:3] != longest[:3]


def test_news_that_was_refused_for_now_comes_later(news, sink: Sink):
    sink.refuse["olga@example.org"] = (450, "later")
    assert send() == 0
    del sink.refuse["olga@example.org"]

    assert send(NEXT_DAY) == 1


def test_a_letter_that_nobody_wants_any_more_is_not_sent(invitation, news, sink: Sink):
    joining.withdraw(partner=invitation.partner, invitation_id=invitation.id, now=NOON)
    Member.objects.update(wants_goal_mail=False)

    assert send() == 0
    assert sink.messages == []
    assert Letter.objects.filter(given_up_at=None).count() == 0


def test_news_can_be_stopped_with_one_click_in_the_mail_program(news, sink: Sink, client):
    send()
    (mail,) = sink.messages
    address = mail["List-Unsubscribe"].strip("<>").partition("://")[2].partition("/")[2]
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert client.get(f"/{address}").status_code == 200
    assert Member.objects.get().wants_goal_mail

    stopped = client.post(f"/{address}", {"List-Unsubscribe": "One-Click"})

    assert stopped.status_code == 200
    assert not Member.objects.get().wants_goal_mail
    assert Member.objects.get().wants_digest
    assert client.post(f"/{address}x").status_code == 404
    other = address.replace("wants_goal_mail", "wants_digest")
    assert client.post(f"/{other}").status_code == 404


def test_a_letter_comes_in_the_language_of_its_reader(river, sink: Sink):
    joining.invite(
        partner=river,
        email="nina@example.org",
        role=Member.Role.MANAGER,
        by=None,
        language="es",
        now=NOON,
    )

    send()

    (mail,) = sink.messages
    assert mail["Content-Language"] == "es"
    assert "/es/join/" in mail.get_body(("plain",)).get_content()


@pytest.mark.django_db(transaction=True)
def test_what_one_worker_is_claiming_the_other_leaves_alone(invitation):
    def claim() -> Letter | None:
        with closing(connection):
            return sending.claim(now=NOON)

    with ThreadPoolExecutor(1) as other, transaction.atomic():
        mine = sending.claim(now=NOON)
        theirs = other.submit(claim).result()

    assert mine is not None
    assert theirs is None


@pytest.mark.django_db(transaction=True)
def test_two_senders_at_once_send_one_mail(invitation, sink: Sink):
    sink.hang_seconds = 0.3

    def sending_all(_n: int) -> bool:
        with closing(connection):
            return sending._send_one(sending.OPEN, lambda: NOON)

    with ThreadPoolExecutor(2) as workers:
        sent = list(workers.map(sending_all, range(2)))

    assert sorted(sent) == [False, True]
    assert len(sink.messages) == 1
