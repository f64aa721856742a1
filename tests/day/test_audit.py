"""The audit can fail: each kind of damage is found, and found by the line that names it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from candidates import outbox as mailbox
from candidates import signup
from candidates.audit import mails as audit_mails
from candidates.audit import people as audit_people
from candidates.audit import targets
from candidates.models import Candidate, FollowUp
from candidates.replay.cast import Person, Recipe
from candidates.replay.history import History
from candidates.signup import Answers
from partners.models import Drive, Letter, Milestone, ReferralLink, Tally, VisitTally
from tests import mails
from tests.conftest import SignUp
from tests.day.conftest import Audit, off, sweep


def execute(statement: str) -> None:
    """Damage that the database itself would refuse, were its rules not set aside."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement)
        cursor.execute("SET session_replication_role = origin")


@pytest.fixture
def ada_and_bo(
    outbox: Path, sign_up: SignUp, ada: Answers, link: ReferralLink, drive: Drive
) -> tuple[Candidate, Candidate]:
    """Two people, one confirmed, everything folded, sent, and the first goal reached."""
    now = timezone.now() - timedelta(minutes=5)
    Milestone.objects.create(drive=drive, scope="cumulative", target=12_986)
    first = sign_up(replace(ada, phone="+13125550101"), "teach-ig", at=now)
    second = sign_up(replace(ada, email="bo@example.org"), at=now)
    signup.confirm(candidate_id=first.id, now=now)
    sweep()
    return first, second


@pytest.mark.usefixtures("ada_and_bo", "redis")
def test_nothing_is_off_where_nothing_was_damaged(audit: Audit) -> None:
    assert off(audit()) == set()


IS_STEP = """step_id = (SELECT step.id FROM candidates_step AS step
    JOIN candidates_sequence AS sequence ON sequence.id = step.sequence_id
    WHERE sequence.slug = 'welcome' AND step.number = {})"""
WELCOME, DAY_ONE = IS_STEP.format(1), IS_STEP.format(2)
DAMAGE = {
    "DELETE FROM partners_credit WHERE kind = 'confirmed'": {
        "people with one credit: confirmed",
        "tallies that equal a count of the ledger",
        "sum of all tallies",
        "totals that equal a count of the ledger",
        "days of states that equal a count of the ledger",
        "minutes that equal a count of the ledger",
    },
    "UPDATE partners_minutetally SET minute_at = minute_at + interval '1 minute'": {
        "minutes that equal a count of the ledger",
    },
    "UPDATE partners_total SET value = value + 1 WHERE id = (SELECT min(id) FROM partners_total)": {
        "totals that equal a count of the ledger",
    },
    "UPDATE partners_tally SET partner_id = NULL": {"tallies that equal a count of the ledger"},
    "UPDATE partners_total SET partner_id = NULL": {"totals that equal a count of the ledger"},
    "UPDATE partners_statetally SET day_on = day_on + 1": {
        "days of states that equal a count of the ledger",
    },
    "UPDATE partners_tally SET value = value + 1 WHERE id = (SELECT min(id) FROM partners_tally)": {
        "tallies that equal a count of the ledger",
        "sum of all tallies",
    },
    "UPDATE partners_credit SET counted_at = NULL WHERE kind = 'confirmed'": {
        "credits still uncounted"
    },
    "UPDATE partners_credit SET partner_id = NULL WHERE kind = 'confirmed'": {
        "credits of a link given to another partner",
        "tallies that equal a count of the ledger",
        "totals that equal a count of the ledger",
    },
    "UPDATE partners_credit SET candidate_uuid = gen_random_uuid() WHERE link_id IS NULL": {
        "people with one credit: signed_up",
        "credits of nobody: signed_up",
    },
    "UPDATE partners_milestone SET reached_value = reached_value + 1": {
        "milestones that say the right line"
    },
    "UPDATE partners_milestone SET announced_at = NULL": {"milestones reached and not announced"},
    "UPDATE partners_letter SET sent_at = NULL WHERE kind = 'milestone'": {
        "letters about milestones that did not leave"
    },
    "UPDATE candidates_candidate SET email = ' ADA@example.org ' WHERE email LIKE 'bo@%'": {
        "people who share an address",
        "letters to the wrong address",
    },
    "DELETE FROM candidates_consent WHERE id = (SELECT min(id) FROM candidates_consent)": {
        "people who never agreed to be contacted"
    },
    f"DELETE FROM candidates_followup WHERE {WELCOME}": {
        "confirmed people owed one welcome",
        "letters that no row asked for",
    },
    "UPDATE candidates_followup SET leased_until = now() - interval '1 hour', state = 'sending', "
    f"due_at = now() + interval '1 day' WHERE {WELCOME}": {"letters past their lease"},
    "UPDATE candidates_followup SET state = 'due', due_at = now() - interval '1 hour' "
    f"WHERE {WELCOME}": {"letters overdue"},
    f"UPDATE candidates_followup SET state = 'failed' WHERE {WELCOME}": {"letters that failed"},
    f"DELETE FROM candidates_followup WHERE {DAY_ONE}": {"letters after which nothing was owed"},
}


@pytest.mark.usefixtures("ada_and_bo", "redis")
@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_is_found_by_the_line_that_names_it(audit: Audit, damage: str) -> None:
    execute(damage)

    assert off(audit()) == DAMAGE[damage]


@pytest.mark.usefixtures("ada_and_bo", "redis")
def test_a_letter_that_arrived_more_often_than_it_was_begun_is_found(
    audit: Audit, outbox: Path
) -> None:
    welcome = FollowUp.objects.get(step=mails.step(mails.WELCOME))
    mailbox.deliver(content=(outbox / f"{welcome.id}.eml").read_bytes())

    assert off(audit()) == {"letters that arrived more often than begun"}


@pytest.mark.usefixtures("ada_and_bo", "redis")
def test_a_sent_letter_that_never_arrived_is_found(audit: Audit, outbox: Path) -> None:
    welcome = FollowUp.objects.get(step=mails.step(mails.WELCOME))
    (outbox / f"{welcome.id}.eml").unlink()

    assert off(audit()) == {"sent letters that arrived"}


@pytest.mark.usefixtures("ada_and_bo", "redis")
def test_more_people_than_visits_are_found(audit: Audit, link: ReferralLink) -> None:
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    VisitTally.objects.create(link=link, hour_at=hour, raw=2, bots=1, unique=2)

    assert off(audit()) == {"hours with more people and bots than visits"}


@pytest.mark.usefixtures("ada_and_bo", "redis")
class TestWhatStaffWereTold:
    """Each address of staff hears of the goal in one letter, however often that one arrives."""

    @pytest.fixture
    def letter(self, outbox: Path) -> Path:
        return outbox / f"{Letter.objects.get().id}.eml"

    @pytest.fixture
    def off(self, outbox: Path, drive: Drive) -> Callable[[], set[str]]:
        def off() -> set[str]:
            arrived = audit_mails.read(folder=outbox)
            found = targets.of_the_drive(drive_id=drive.id, arrived=arrived, signed_up=2)
            return {it.name for it in found if not it.is_ok}

        return off

    def test_a_letter_that_came_twice_under_one_name_told_it_once(
        self, letter: Path, off: Callable[[], set[str]]
    ) -> None:
        mailbox.deliver(content=letter.read_bytes())

        assert off() == set()

    def test_a_letter_that_never_came_is_found(
        self, letter: Path, off: Callable[[], set[str]]
    ) -> None:
        letter.unlink()

        assert off() == {"milestone 12,986 in all: mails that told it"}

    def test_a_second_letter_about_the_same_is_found(
        self, letter: Path, off: Callable[[], set[str]]
    ) -> None:
        other = letter.read_bytes().replace(letter.stem.encode(), str(uuid4()).encode())
        mailbox.deliver(content=other)

        assert off() == {"milestone 12,986 in all: mails that told it"}


@pytest.mark.usefixtures("redis")
class TestAgainstTheHistoryOfThePublic:
    """What people were promised, against what is there."""

    @pytest.fixture
    def history(self, ada_and_bo: tuple[Candidate, Candidate]) -> History:
        somebody = next(
            it
            for it in Recipe(people=50, run=1, codes=["teach-ig"]).cast()
            if isinstance(it, Person) and it.expected_code
        )
        first, second = ({"email": it.email, "phone": ""} for it in ada_and_bo)
        ada = replace(somebody, answers=first)
        bo = replace(somebody, answers=second, expected_code="")
        history = History(accepted={it.email: it for it in (ada, bo)})
        history.confirmed.add("ada@example.org")
        return history

    def off(self, history: History, drive: Drive) -> set[str]:
        found = audit_people.of_the_day(history=history, drive_id=drive.id)
        return {it.name for it in found if not it.is_ok}

    def test_all_that_was_promised_is_there(self, history: History, drive: Drive) -> None:
        assert self.off(history, drive) == set()

    def test_a_lost_sign_up_is_found(self, history: History, drive: Drive) -> None:
        Candidate.objects.get(email="bo@example.org").delete()

        assert self.off(history, drive) == {
            "accepted sign-ups that are one person each",
            "sign-ups credited to the right link",
        }

    def test_somebody_whom_nobody_signed_up_is_found(
        self, history: History, drive: Drive, sign_up: SignUp, ada: Answers
    ) -> None:
        sign_up(replace(ada, email="nobody@example.org"), at=timezone.now())

        assert self.off(history, drive) == {"people whom nobody signed up"}

    def test_a_credit_of_the_wrong_link_is_found(self, history: History, drive: Drive) -> None:
        execute("UPDATE partners_credit SET link_id = NULL, partner_id = NULL")

        assert self.off(history, drive) == {"sign-ups credited to the right link"}

    def test_a_scanner_that_confirmed_is_found(self, history: History, drive: Drive) -> None:
        history.scanned.add("bo@example.org")
        Candidate.objects.filter(email="bo@example.org").update(confirmed_at=timezone.now())

        assert self.off(history, drive) == {
            "confirmed by their own hand",
            "confirmed by a link scanner (1 tried)",
        }


@pytest.mark.usefixtures("ada_and_bo", "redis")
def test_news_that_a_partner_can_stop_is_a_letter_that_a_row_asked_for(
    audit: Audit, outbox: Path
) -> None:
    letter = Letter.objects.get()
    content = (outbox / f"{letter.id}.eml").read_bytes()
    stoppable = b"List-Unsubscribe: <https://example.org/stop>\n" + content
    mailbox.deliver(content=stoppable)
    assert off(audit()) == set()

    mailbox.deliver(content=stoppable.replace(str(letter.id).encode(), str(uuid4()).encode()))

    assert off(audit()) == {"letters that no row asked for"}


def test_a_tally_out_of_thin_air_is_found(
    audit: Audit, drive: Drive, ada_and_bo: object, redis: None
) -> None:
    hour = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=3)
    Tally.objects.create(drive=drive, kind="signed_up", hour_at=hour, value=0)
    assert off(audit()) == set()

    Tally.objects.update(value=7)

    assert "tallies that equal a count of the ledger" in off(audit())
