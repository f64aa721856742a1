"""What is told of a mail is written down once, in any order, and does what it should at once."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from candidates import events, followups, pauses
from candidates.events import shares
from candidates.models import (
    Candidate,
    FollowUp,
    Lane,
    MailEvent,
    MailPause,
    Suppression,
)
from candidates.signup import Answers
from partners import letters
from partners.models import Letter
from tests import mails
from tests.conftest import NOON, SignUp
from tests.sink import Sink

Kind = MailEvent.Kind
LATER = NOON + timedelta(hours=1)
Tell = Callable[..., bool]


@pytest.fixture
def candidate(sign_up: SignUp, ada: Answers) -> Candidate:
    return sign_up(ada)


@pytest.fixture
def tell(candidate: Candidate) -> Tell:
    """Tell of Ada's confirmation, an hour after it left."""

    def tell(kind: Kind, event_id: str = "one", **of: object) -> bool:
        told: dict[str, object] = {
            "provider": "example",
            "event_id": event_id,
            "kind": kind,
            "followup_id": mails.of(candidate).id,
            "at": LATER,
            "now": LATER,
        }
        return events.record(**(told | of))  # type: ignore[arg-type]

    return tell


def kinds() -> list[str]:
    return list(MailEvent.objects.order_by("id").values_list("kind", flat=True))


def reasons() -> list[str]:
    return list(Suppression.objects.values_list("reason", flat=True))


def another_mail(candidate: Candidate, number: int) -> FollowUp:
    return mails.owe(candidate, ("welcome", number), at=NOON)


def test_what_is_told_twice_is_written_down_once(tell: Tell) -> None:
    assert [tell(Kind.DELIVERED), tell(Kind.DELIVERED), tell(Kind.DELIVERED, "two")] == [
        True,
        False,
        True,
    ]
    assert kinds() == ["delivered", "delivered"]


def test_two_providers_may_have_one_name_for_different_things(tell: Tell) -> None:
    assert tell(Kind.DELIVERED)
    assert tell(Kind.DEFERRED, provider="other")


def test_a_mail_that_we_do_not_know_is_ignored_and_its_reader_not_named(
    tell: Tell, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "candidates"):
        assert not tell(Kind.HARD_BOUNCE, followup_id=uuid4(), detail="ada@example.org is gone")

    assert kinds() == reasons() == []
    assert "a mail that we do not know: hard_bounce" in caplog.text
    assert "ada@" not in caplog.text


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (Kind.HARD_BOUNCE, "hard_bounce"),
        (Kind.COMPLAINT, "complaint"),
        (Kind.UNSUBSCRIBED, "unsubscribed"),
    ],
)
def test_what_speaks_against_the_address_stops_all_mail_to_it_at_once(
    tell: Tell, candidate: Candidate, kind: Kind, reason: str
) -> None:
    welcome = another_mail(candidate, 1)

    tell(kind)

    assert reasons() == [reason]
    welcome.refresh_from_db()
    assert welcome.state == FollowUp.State.SUPPRESSED


@pytest.mark.parametrize("kind", [Kind.DELIVERED, Kind.DEFERRED, Kind.REJECTED, Kind.SOFT_BOUNCE])
def test_what_does_not_speak_against_it_stops_nothing(
    tell: Tell, candidate: Candidate, kind: Kind
) -> None:
    tell(kind)

    assert reasons() == []
    assert mails.of(candidate).state == FollowUp.State.DUE


def test_the_order_in_which_it_is_told_changes_nothing(tell: Tell, candidate: Candidate) -> None:
    told = (Kind.DELIVERED, Kind.HARD_BOUNCE, Kind.COMPLAINT)
    ends = set()
    for number, order in enumerate(permutations(told)):
        Suppression.objects.all().delete()
        for kind in order:
            tell(kind, f"{number} {kind}")
        ends.add((*reasons(), mails.of(candidate).state))

    assert ends == {("complaint", "suppressed")}


@pytest.mark.parametrize(
    ("days", "stops"),
    [((0, 1, 2), True), ((2, 0, 1), True), ((0, 3, 6), True), ((0, 3, 7), False), ((0, 1), False)],
)
def test_three_mails_that_bounce_for_now_within_a_week_stop_all(
    tell: Tell, candidate: Candidate, days: tuple[int, ...], stops: bool
) -> None:
    for number, day in enumerate(days, start=1):
        tell(
            Kind.SOFT_BOUNCE,
            str(number),
            followup_id=another_mail(candidate, number).id,
            at=NOON + timedelta(days=day),
            now=NOON + timedelta(days=9),
        )

    assert reasons() == (["soft_bounces"] if stops else [])


def test_one_mail_that_is_told_of_three_times_has_bounced_once(tell: Tell) -> None:
    for name in ("one", "two", "three"):
        tell(Kind.SOFT_BOUNCE, name)

    assert reasons() == []


def test_the_last_answer_is_remembered_whatever_comes_first(
    tell: Tell, candidate: Candidate
) -> None:
    for number, hours in enumerate((2, 3, 1)):
        at = NOON + timedelta(hours=hours)
        tell(Kind.REPLIED, str(number), at=at, now=NOON + timedelta(hours=9))

    candidate.refresh_from_db()
    assert candidate.replied_at == NOON + timedelta(hours=3)


def test_nobody_answers_in_the_future(tell: Tell, candidate: Candidate) -> None:
    tell(Kind.REPLIED, at=NOON + timedelta(days=900))

    candidate.refresh_from_db()
    assert candidate.replied_at == LATER


def test_odd_names_and_details_fit(tell: Tell) -> None:
    detail = "550\x00 no\r\n" + "x" * 5000
    for name in ("n" * 161, "n\x00", "ñ", "\ud800", ""):
        assert tell(Kind.DELIVERED, name, detail=detail)
        assert not tell(Kind.DELIVERED, name)

    told = MailEvent.objects.order_by("id")
    assert {len(it.event_id) for it in told} == {64, 0}
    assert {it.detail for it in told} == {("550 no " + "x" * 5000)[:200]}


@pytest.mark.django_db(transaction=True)
def test_three_bounces_that_are_told_at_once_are_three(tell: Tell, candidate: Candidate) -> None:
    ids = [another_mail(candidate, number).id for number in (1, 2, 3)]

    def bounce(number: int) -> bool:
        with closing(connection):
            return tell(Kind.SOFT_BOUNCE, str(number), followup_id=ids[number])

    for _ in range(5):
        Suppression.objects.all().delete()
        MailEvent.objects.all().delete()
        with ThreadPoolExecutor(3) as pool:
            assert all(pool.map(bounce, range(3)))
        assert reasons() == ["soft_bounces"]


@pytest.mark.django_db(transaction=True)
def test_what_is_told_ten_times_at_once_is_written_down_once(tell: Tell) -> None:
    def bounce(_number: int) -> bool:
        with closing(connection):
            return tell(Kind.HARD_BOUNCE)

    with ThreadPoolExecutor(10) as pool:
        assert sorted(pool.map(bounce, range(10))) == [False] * 9 + [True]
    assert kinds() == reasons() == ["hard_bounce"]


# How much of it is bad.


@pytest.fixture
def sent(sign_up: SignUp, ada: Answers) -> Callable[..., list[FollowUp]]:
    """Send so many in bulk, one a second until NOON."""

    def sent(number: int, lane: Lane = Lane.BULK) -> list[FollowUp]:
        example = sign_up(replace(ada, email="example@example.org"))
        of = [replace_candidate(example, f"reader{it}.{lane}@example.org") for it in range(number)]
        Candidate.objects.bulk_create(of)
        step = mails.step(("welcome", 2))
        owed = [
            FollowUp(
                candidate=it,
                step=step,
                lane=lane,
                anchor_at=NOON,
                due_at=NOON,
                state=FollowUp.State.SENT,
                sent_at=NOON - timedelta(seconds=number - place),
            )
            for place, it in enumerate(of)
        ]
        return FollowUp.objects.bulk_create(owed)

    return sent


def replace_candidate(example: Candidate, email: str) -> Candidate:
    values = {it.attname: getattr(example, it.attname) for it in Candidate._meta.concrete_fields}
    return Candidate(**(values | {"id": uuid4(), "email": email, "email_canonical": email}))


def bounce(mail: FollowUp, kind: Kind = Kind.HARD_BOUNCE, at: datetime = NOON) -> None:
    events.record(
        provider="example",
        event_id=f"{mail.id} {kind}",
        kind=kind,
        followup_id=mail.id,
        at=at,
        now=at,
    )


def paused() -> dict[int, str]:
    return {lane: it.reason for lane, it in pauses.paused().items()}


@pytest.mark.parametrize(
    ("number", "bad", "kind", "reason"),
    [
        (1000, 49, Kind.HARD_BOUNCE, None),
        (1000, 50, Kind.HARD_BOUNCE, "bounces"),
        (1000, 50, Kind.SOFT_BOUNCE, "bounces"),
        (200, 10, Kind.HARD_BOUNCE, "bounces"),
        (199, 100, Kind.HARD_BOUNCE, None),
        (1000, 1, Kind.COMPLAINT, "complaints"),
        (199, 1, Kind.COMPLAINT, None),
        (1000, 60, Kind.DEFERRED, None),
    ],
)
def test_bulk_pauses_itself_when_too_much_of_it_is_bad(
    sent: Callable[..., list[FollowUp]], number: int, bad: int, kind: Kind, reason: str | None
) -> None:
    for mail in sent(number)[-bad:]:
        bounce(mail, kind)

    assert paused() == ({Lane.BULK: reason} if reason else {})


def test_only_the_last_thousand_in_bulk_are_looked_at(
    sent: Callable[..., list[FollowUp]],
) -> None:
    old, urgent = sent(1100)[:100], sent(60, Lane.URGENT)

    for mail in [*old, *urgent]:
        bounce(mail)

    assert shares.measure(reason=MailPause.Reason.BOUNCES, until=NOON) == (1000, 0)
    assert paused() == {}


def test_bounces_that_come_back_behind_a_fast_broadcast_are_counted(
    sent: Callable[..., list[FollowUp]],
) -> None:
    """A thousand leave in 20 seconds, and the mailbox for bounces is read once a minute."""
    first_thousand = sent(2100)[:1000]

    for mail in first_thousand[-49:]:
        bounce(mail)
    assert paused() == {}
    bounce(first_thousand[-50])  # told out of order

    assert paused() == {}  # the thousand that ended with it has none of the 49
    bounce(sent_last := first_thousand[-1], Kind.SOFT_BOUNCE)
    assert sent_last.sent_at
    assert paused() == {Lane.BULK: "bounces"}


def test_bounces_of_an_earlier_hour_pause_nothing_any_more(
    sent: Callable[..., list[FollowUp]],
) -> None:
    mails = sent(1200)
    FollowUp.objects.filter(id__in=[it.id for it in mails[:200]]).update(
        sent_at=NOON - timedelta(hours=2)
    )

    for mail in mails[:200]:
        bounce(mail)

    assert paused() == {}


def test_complaints_are_counted_of_the_last_thousand_alone(
    sent: Callable[..., list[FollowUp]],
) -> None:
    bounce(sent(2100)[999], Kind.COMPLAINT)

    assert paused() == {}


def test_what_a_server_refuses_at_the_door_counts_as_bounced(
    sent: Callable[..., list[FollowUp]],
) -> None:
    mails = sent(1000)
    FollowUp.objects.filter(id__in=[it.id for it in mails[-60:]]).update(
        state="failed", sent_at=None
    )

    for mail in mails[-60:]:
        bounce(mail)

    assert shares.measure(reason=MailPause.Reason.BOUNCES, until=NOON) == (1000, 60)
    assert paused() == {Lane.BULK: "bounces"}


def test_a_mail_that_bounces_twice_is_one_that_bounced(
    sent: Callable[..., list[FollowUp]],
) -> None:
    for mail in sent(1000)[-25:]:
        bounce(mail, Kind.SOFT_BOUNCE)
        bounce(mail, Kind.HARD_BOUNCE)

    assert shares.measure(reason=MailPause.Reason.BOUNCES, until=NOON) == (1000, 25)
    assert paused() == {}


def test_confirmations_leave_while_bulk_is_paused(
    sent: Callable[..., list[FollowUp]], sign_up: SignUp, ada: Answers, sink: Sink
) -> None:
    grace = sign_up(replace(ada, email="grace@example.org"))
    joan = sign_up(replace(ada, email="joan@example.org"))
    Candidate.objects.filter(id=joan.id).update(confirmed_at=NOON)
    another_mail(joan, 2)
    for mail in sent(200)[:10]:
        bounce(mail)

    for lane in (Lane.BULK, Lane.URGENT):
        followups.send_due(lane=lane, clock=lambda: LATER)

    arrived = {it.recipients[0] for it in sink.received}
    assert grace.email in arrived
    assert joan.email not in arrived
    assert mails.of(joan, ("welcome", 2)).state == FollowUp.State.DUE


def test_staff_are_told_of_a_pause_once(
    sent: Callable[..., list[FollowUp]], sink: Sink, settings: LazySettings
) -> None:
    settings.STAFF_EMAILS = ["a@example.org", "b@example.org"]
    for mail in sent(200)[:14]:
        bounce(mail)

    assert letters.sweep(clock=lambda: NOON) == 2

    (first, second) = sink.messages
    assert {first["To"], second["To"]} == {"a@example.org", "b@example.org"}
    assert first["Subject"] == "Bulk mail has paused itself: too many addresses bounce"
    text = first.get_body(("plain",)).get_content()
    assert "of the last 200 mails in bulk, 10 bounced" in " ".join(text.split())
    assert "/admin/" in text


def test_who_resumes_hears_of_the_next_pause(
    sent: Callable[..., list[FollowUp]], staffer: object
) -> None:
    of = sent(200)
    bounce(of[0], Kind.COMPLAINT)
    pauses.resume(lane=Lane.BULK, author=staffer, now=LATER)

    bounce(of[1])
    assert paused() == {}  # a bounce does not bring back what complaints had brought
    bounce(of[2], Kind.COMPLAINT, at=LATER)

    assert paused() == {Lane.BULK: "complaints"}
    assert Letter.objects.filter(kind=Letter.Kind.MAIL_PAUSED).count() == 2


def test_the_last_in_bulk_are_found_by_their_index(
    sent: Callable[..., list[FollowUp]],
    django_assert_num_queries: Callable[[int], CaptureQueriesContext],
) -> None:
    for lane in Lane:
        sent(1200, lane)
    with django_assert_num_queries(3) as queries:
        shares.measure(reason=MailPause.Reason.BOUNCES, until=NOON)

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE candidates_followup")
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        # Of so few rows, with those of other tests not swept away yet, sorting all looks cheap.
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute("EXPLAIN " + queries.captured_queries[0]["sql"])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Backward using followup_bulk_by_sent" in plan, plan
    assert "Sort" not in plan
