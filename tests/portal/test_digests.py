"""News that members get by mail: a goal passed, and on Mondays what last week brought."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from partners import digests, letters
from partners.models import (
    Drive,
    Invitation,
    Letter,
    Member,
    Milestone,
    Partner,
    ReferralLink,
    Tally,
    User,
    VisitTally,
)
from tests.conftest import NOON
from tests.sink import Sink

# Monday 16 November in New York; the week before it had its day on Saturday.
MONDAY_EIGHT = datetime(2026, 11, 16, 13, 0, tzinfo=UTC)
MONDAY_MIDNIGHT = datetime(2026, 11, 16, 5, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WEEK_BEGINS = MONDAY_MIDNIGHT - 7 * DAY


@pytest.fixture(autouse=True)
def _links_are_of_october(drive: Drive, link: ReferralLink, harbor_link: ReferralLink) -> None:
    ReferralLink.objects.update(created_at=drive.opens_at)


def goal(drive: Drive, partner: Partner | None, target: int = 1500, **more: object) -> Milestone:
    """A goal that was passed at noon, if nothing else is said of it."""
    said = {"reached_at": NOON, "reached_value": target + 1} | more
    return Milestone.objects.create(
        drive=drive, partner=partner, scope="cumulative", target=target, **said
    )


@pytest.fixture
def passed(drive: Drive, river: Partner) -> Milestone:
    """River Valley passed its goal of 1,500 at noon."""
    return goal(drive, river)


@pytest.fixture
def vera(river: Partner) -> User:
    """Accepted her invitation in Spanish."""
    user = User.objects.create_user("vera@example.org", full_name="Vera Viewer")
    Member.objects.create(user=user, partner=river)
    Invitation.objects.create(
        partner=river,
        email=user.email,
        role=Member.Role.VIEWER,
        language="es",
        invited_at=NOON - 9 * DAY,
        accepted_at=NOON - 8 * DAY,
    )
    return user


def counted(link: ReferralLink, drive: Drive, at: datetime, **numbers: int) -> None:
    for kind, value in numbers.items():
        if kind == "visits":
            VisitTally.objects.create(link=link, hour_at=at, unique=value, raw=value + 3, bots=3)
        else:
            Tally.objects.create(
                drive=drive, partner=link.partner, link=link, kind=kind, hour_at=at, value=value
            )


def sent_to(sink: Sink, email: str) -> list[str]:
    """Send what is owed, and return what this person got so far."""
    letters.sweep(clock=lambda: MONDAY_EIGHT + HOUR)
    return [
        f"{it['Subject']}\n{it.get_body(('plain',)).get_content()}"
        for it in sink.messages
        if it["To"] == email
    ]


def test_each_member_hears_once_that_the_goal_was_passed(passed, olga, vera, sink: Sink):
    for later in range(3):
        digests.owe_goals(now=NOON + later * HOUR)

    (letter,) = sent_to(sink, olga.email)
    assert letter.startswith("River Valley Organizers passed its goal of 1,500")
    assert "1,501 people" in letter
    assert "Nov. 14, 2026, noon" in letter
    assert len(sent_to(sink, vera.email)) == 1
    assert len(sink.messages) == 2


def test_who_switched_goals_off_hears_of_none(passed, olga, vera, sink: Sink):
    Member.objects.filter(user=olga).update(wants_goal_mail=False)

    assert digests.owe_goals(now=NOON) == 1
    assert sent_to(sink, olga.email) == []


def test_a_goal_of_others_of_all_or_of_last_week_is_no_news(drive, olga, harbor, river, sink: Sink):
    goal(drive, harbor)
    goal(drive, None)
    goal(drive, river, reached_at=None, reached_value=None)
    assert digests.owe_goals(now=NOON) == 0
    goal(drive, river, 2000)
    assert digests.owe_goals(now=NOON + 2 * DAY + MINUTE) == 0


def test_a_sweep_with_nothing_to_say_asks_one_question(passed, olga, vera):
    digests.owe_goals(now=NOON)

    with CaptureQueriesContext(connection) as asked:
        assert digests.owe_goals(now=NOON) == 0
    assert len(asked) == 1


def test_the_digest_comes_on_monday_at_eight_and_once(olga, sink: Sink):
    owed = [
        digests.owe_digests(now=MONDAY_EIGHT + wait)
        for wait in (-MINUTE, timedelta(), 10 * MINUTE, 15 * HOUR, 16 * HOUR)
    ]

    assert owed == [0, 1, 0, 0, 0]
    (letter,) = sent_to(sink, olga.email)
    assert "from Nov. 9, 2026 to Nov. 15, 2026" in letter
    assert "Nobody came through your links." in letter


def test_the_next_monday_brings_the_next_digest(olga):
    assert digests.owe_digests(now=MONDAY_EIGHT) == 1
    assert digests.owe_digests(now=MONDAY_EIGHT + 7 * DAY) == 1


def test_a_worker_that_was_away_until_the_evening_still_owes_it_but_not_on_tuesday(olga):
    assert digests.owe_digests(now=MONDAY_MIDNIGHT + DAY) == 0
    assert digests.owe_digests(now=MONDAY_MIDNIGHT + DAY - MINUTE) == 1


def test_two_sweeps_at_once_owe_one_letter(olga):
    """The second read who is to get it before the first had written."""
    digests.owe_digests(now=MONDAY_EIGHT)
    again = Letter(kind="digest", key=Letter.objects.get().key, owed_at=NOON, language="en")

    letters.owe_all(owed=[again])

    assert Letter.objects.get().recipient == olga.email


def test_the_digest_tells_what_the_tallies_say_of_that_week(olga, drive, link, river, sink: Sink):
    flyer = ReferralLink.objects.create(
        partner=river, code="river-flyer", label="Flyer & more", created_at=drive.opens_at
    )
    counted(link, drive, WEEK_BEGINS - HOUR, visits=900, signed_up=90, confirmed=80)
    counted(link, drive, WEEK_BEGINS, visits=1000, signed_up=10, confirmed=5)
    counted(link, drive, NOON, visits=234, signed_up=30, confirmed=20, filed=7)
    counted(flyer, drive, MONDAY_MIDNIGHT - HOUR, visits=7, signed_up=1)
    counted(flyer, drive, MONDAY_MIDNIGHT, visits=500, signed_up=50, confirmed=40)
    Milestone.objects.create(drive=drive, partner=river, scope="cumulative", target=150)
    Milestone.objects.create(drive=drive, partner=river, scope="cumulative", target=1500)

    digests.owe_digests(now=MONDAY_EIGHT)

    (letter,) = sent_to(sink, olga.email)
    assert letter.startswith("41 sign-ups for River Valley Organizers last week")
    assert "- E-mail 2: visits 1,234, sign-ups 40, confirmed 25\n" in letter
    assert "- Flyer & more: visits 7, sign-ups 1, confirmed 0\n" in letter
    assert "Your goal: 181 of 1,500." in letter


def test_a_digest_of_another_partner_has_none_of_these_numbers(
    olga, drive, link, harbor_link, sink: Sink
):
    counted(harbor_link, drive, NOON, visits=777, signed_up=7)

    digests.owe_digests(now=MONDAY_EIGHT)

    (letter,) = sent_to(sink, olga.email)
    assert "777" not in letter
    assert "Bio" not in letter


def test_who_accepted_in_spanish_reads_spanish(vera, drive, link, sink: Sink):
    counted(link, drive, NOON, visits=12, signed_up=3)

    digests.owe_digests(now=MONDAY_EIGHT)

    (letter,) = sent_to(sink, vera.email)
    assert "9 de noviembre de 2026" in letter
    assert "- E-mail 2: " in letter
    assert sink.messages[0]["Content-Language"] == "es"


def test_a_member_of_two_partners_gets_a_digest_of_each(olga, harbor, sink: Sink):
    Member.objects.create(user=olga, partner=harbor)

    digests.owe_digests(now=MONDAY_EIGHT)

    subjects = sorted(it.partition("\n")[0] for it in sent_to(sink, olga.email))
    assert subjects == [
        "0 sign-ups for Harbor City Votes last week",
        "0 sign-ups for River Valley Organizers last week",
    ]


def test_no_digest_for_who_switched_it_off_left_or_has_no_links_yet(olga, vera, link):
    Member.objects.filter(user=olga).update(wants_digest=False)
    User.objects.filter(id=vera.id).update(is_active=False)
    assert digests.owe_digests(now=MONDAY_EIGHT) == 0

    Member.objects.filter(user=olga).update(wants_digest=True)
    ReferralLink.objects.filter(id=link.id).update(created_at=MONDAY_MIDNIGHT)
    assert digests.owe_digests(now=MONDAY_EIGHT) == 0


def test_a_hundred_members_cost_no_more_questions_than_one(olga, river, drive, link):
    counted(link, drive, NOON, visits=12, signed_up=3)
    with CaptureQueriesContext(connection) as for_one:
        digests.owe_digests(now=MONDAY_EIGHT)
    users = User.objects.bulk_create(User(email=f"m{it}@example.org") for it in range(99))
    Member.objects.bulk_create(Member(user=it, partner=river) for it in users)

    Letter.objects.all().delete()
    with CaptureQueriesContext(connection) as for_hundred:
        assert digests.owe_digests(now=MONDAY_EIGHT) == 100
    assert len(for_hundred) <= len(for_one) <= 8


def test_letters_keep_ids_and_numbers_only(olga, drive, link, passed):
    counted(link, drive, NOON, visits=12, signed_up=3)
    digests.owe_digests(now=MONDAY_EIGHT)
    digests.owe_goals(now=NOON)

    facts = str(list(Letter.objects.values_list("facts", flat=True)))
    assert "E-mail 2" not in facts
    assert "example.org" not in facts
    assert "River" not in facts
