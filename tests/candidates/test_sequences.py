"""What follows a mail: the next one, in its time, for those it is for, while it makes sense."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from candidates import privacy, signup, triage
from candidates.models import Candidate, FollowUp, Lane, Sequence, Step, StepText
from candidates.models.candidates import Stage
from candidates.signup import Answers
from partners.models import ReferralLink, User
from tests import mails
from tests.conftest import NOON, SignUp
from tests.sink import Sink

DAY = timedelta(days=1)
EVENING = datetime.fromisoformat("2026-11-14T23:30:00-05:00")


def send(at: datetime) -> int:
    return mails.send_due(clock=lambda: at)


@pytest.fixture
def confirmed(sign_up: SignUp, ada: Answers, link: ReferralLink) -> Candidate:
    """Ada, who signed up and confirmed at noon, through the link of the teachers."""
    candidate = sign_up(ada, "teach-ig")
    signup.confirm(candidate_id=candidate.id, now=NOON)
    candidate.refresh_from_db()
    return candidate


def sequence(**columns: object) -> Sequence:
    usual = {"name": "After the call", "slug": "call", "trigger": "stage_reached"}
    usual |= {"trigger_stage": "intro_call", "switched_on_at": NOON}
    return Sequence.objects.create(**(usual | columns))


def add_step(sequence: Sequence, number: int, delay: timedelta, **columns: object) -> Step:
    step = Step.objects.create(
        sequence=sequence, number=number, name=f"{number}", delay=delay, added_at=NOON, **columns
    )
    StepText.objects.create(
        step=step,
        language="en",
        version=1,
        subject="Hello",
        body="# Hello\n\nYes.",
        written_at=NOON,
    )
    return step


@pytest.fixture
def after_call(db: None, _what_ships: None) -> Sequence:
    """Two mails a day apart, for whoever reaches the introduction call."""
    made = sequence()
    add_step(made, 1, timedelta())
    add_step(made, 2, DAY)
    return made


def move(candidate: Candidate, stage: Stage, staffer: User, at: datetime) -> None:
    triage.move(candidate_ids=[candidate.pk], to_stage=stage, author=staffer, now=at)


def test_the_welcome_follows_the_confirmation(sign_up: SignUp, ada: Answers, sink: Sink):
    candidate = sign_up(ada)
    send(NOON)

    signup.confirm(candidate_id=candidate.id, now=NOON)
    send(NOON)

    assert len(set(sink.message_ids)) == 2
    assert mails.places() == {mails.CONFIRM, mails.REMIND, mails.WELCOME, ("welcome", 2)}


def test_the_week_of_welcome_arrives_a_day_apart(confirmed: Candidate, sink: Sink):
    for days in range(10):
        send(NOON + days * DAY)

    week = confirmed.followups.filter(step__sequence__slug="welcome").order_by("due_at")
    assert [it.sent_at for it in week] == [NOON + days * DAY for days in range(7)]
    assert {it.text.subject for it in week} == {str(it["Subject"]) for it in sink.messages}


def test_who_has_confirmed_is_not_reminded(sign_up: SignUp, ada: Answers, sink: Sink):
    candidate = sign_up(ada)
    send(NOON)
    signup.confirm(candidate_id=candidate.id, now=NOON)

    send(NOON + 2 * DAY)

    reminder = mails.of(candidate, mails.REMIND)
    assert (reminder.state, reminder.why) == ("needless", "confirmed")
    assert ("confirmation", 3) not in mails.places()


def test_what_left_late_moves_what_follows(confirmed: Candidate, sink: Sink):
    send(NOON + 3 * DAY)
    assert mails.of(confirmed, ("welcome", 2)).due_at == NOON + 4 * DAY

    send(NOON + 3 * DAY + timedelta(hours=1))
    assert len(sink.messages) == 1


def test_a_failed_mail_does_not_end_the_sequence(confirmed: Candidate, sink: Sink):
    sink.refuse["ada@example.org"] = (554, "no")
    for minutes in (0, 1):
        send(NOON + timedelta(minutes=minutes))
    assert mails.of(confirmed, mails.WELCOME).state == "failed"

    sink.refuse.clear()
    send(NOON + DAY + timedelta(minutes=2))

    assert mails.of(confirmed, ("welcome", 2)).state == "sent"


def test_settling_a_mail_twice_owes_the_next_one_once(confirmed: Candidate, sink: Sink):
    """A worker that was slow, and the one that took its lease, record the same mail."""
    send(NOON)
    FollowUp.objects.filter(step=mails.step(mails.WELCOME)).update(state="due", sent_at=None)

    send(NOON)

    assert FollowUp.objects.filter(step=mails.step(("welcome", 2))).count() == 1


def test_reaching_a_stage_begins_its_sequence_once(
    confirmed: Candidate, after_call: Sequence, staffer: User, sink: Sink
):
    for stage in (Stage.INTRO_CALL, Stage.RAISED_HAND, Stage.INTRO_CALL):
        move(confirmed, stage, staffer, NOON)

    assert confirmed.followups.filter(step__sequence=after_call).count() == 1


def test_a_sequence_that_is_switched_off_begins_for_nobody(
    confirmed: Candidate, after_call: Sequence, staffer: User
):
    Sequence.objects.update(switched_on_at=None)

    move(confirmed, Stage.INTRO_CALL, staffer, NOON)

    assert not confirmed.followups.filter(step__sequence=after_call).exists()


def test_who_moves_on_leaves_a_sequence_that_ends_with_the_stage(
    confirmed: Candidate, after_call: Sequence, staffer: User, sink: Sink
):
    Sequence.objects.filter(pk=after_call.pk).update(ends_on_move=True)
    move(confirmed, Stage.INTRO_CALL, staffer, NOON)
    send(NOON)

    move(confirmed, Stage.ONE_TO_ONE, staffer, NOON + timedelta(hours=1))
    send(NOON + DAY)

    last = confirmed.followups.get(step__sequence=after_call, step__number=2)
    assert (last.state, last.why) == ("needless", "moved")


def test_who_replied_leaves_a_sequence_that_ends_with_a_reply(
    confirmed: Candidate, after_call: Sequence, staffer: User, sink: Sink
):
    Sequence.objects.filter(pk=after_call.pk).update(ends_on_reply=True)
    move(confirmed, Stage.INTRO_CALL, staffer, NOON)
    send(NOON)

    Candidate.objects.update(replied_at=NOON + timedelta(hours=2))
    send(NOON + DAY)

    assert confirmed.followups.get(step__sequence=after_call, step__number=2).why == "replied"


def test_nobody_gets_another_mail_before_they_confirmed(
    sign_up: SignUp, ada: Answers, after_call: Sequence, staffer: User, sink: Sink
):
    candidate = sign_up(ada)
    move(candidate, Stage.INTRO_CALL, staffer, NOON)

    send(NOON)

    owed = candidate.followups.get(step__sequence=after_call)
    assert (owed.state, owed.why, len(sink.messages)) == ("needless", "unconfirmed", 1)


@pytest.mark.parametrize(
    ("meant", "is_sent"),
    [
        ({}, True),
        ({"states": ["NY", "NJ"]}, True),
        ({"states": ["TX"]}, False),
        ({"offices": ["council"], "languages": ["en"]}, True),
        ({"offices": ["council"], "languages": ["es"]}, False),
        ({"stages": ["intro_call"]}, True),
        ({"stages": ["filed"]}, False),
        ({"partners": [0]}, False),
    ],
)
def test_a_sequence_is_for_those_it_names(
    confirmed: Candidate,
    after_call: Sequence,
    staffer: User,
    sink: Sink,
    meant: dict[str, list[str]],
    is_sent: bool,
):
    Sequence.objects.filter(pk=after_call.pk).update(**meant)
    move(confirmed, Stage.INTRO_CALL, staffer, NOON)

    send(NOON)

    first = confirmed.followups.get(step__sequence=after_call, step__number=1)
    assert first.state == ("sent" if is_sent else "needless")
    assert confirmed.followups.filter(step__sequence=after_call).count() == 1 + is_sent


def test_a_sequence_can_be_for_those_of_one_partner(
    confirmed: Candidate, after_call: Sequence, link: ReferralLink, staffer: User, sink: Sink
):
    Sequence.objects.filter(pk=after_call.pk).update(partners=[link.partner_id])
    move(confirmed, Stage.INTRO_CALL, staffer, NOON)

    send(NOON)

    assert confirmed.followups.get(step__sequence=after_call, step__number=1).state == "sent"


def test_a_step_for_others_is_left_out_and_the_next_one_comes(
    confirmed: Candidate, after_call: Sequence, staffer: User, sink: Sink
):
    Step.objects.filter(sequence=after_call, number=1).update(states=["TX"])
    move(confirmed, Stage.INTRO_CALL, staffer, NOON)

    send(NOON)
    send(NOON + DAY)

    states = confirmed.followups.filter(step__sequence=after_call).order_by("due_at")
    assert [it.state for it in states] == ["needless", "sent"]


def test_a_removed_step_is_passed_over(
    confirmed: Candidate, after_call: Sequence, staffer: User, sink: Sink
):
    move(confirmed, Stage.INTRO_CALL, staffer, NOON)
    Step.objects.filter(sequence=after_call, number=1).update(removed_at=NOON)

    send(NOON)
    send(NOON + DAY)

    states = confirmed.followups.filter(step__sequence=after_call).order_by("due_at")
    assert [(it.state, it.why) for it in states] == [("needless", "removed"), ("sent", "")]


def test_a_mail_waits_for_a_polite_hour_where_its_reader_lives(
    sign_up: SignUp, ada: Answers, after_call: Sequence, staffer: User, sink: Sink
):
    """Half past eleven at night in New York is half past eight in the evening in Los Angeles."""
    Step.objects.filter(sequence=after_call).update(polite_from=8, polite_until=21)
    new_york = sign_up(ada)
    los_angeles = sign_up(replace(ada, email="lou@example.org", zip_code="90001"))
    for candidate in (new_york, los_angeles):
        signup.confirm(candidate_id=candidate.id, now=NOON)
        move(candidate, Stage.INTRO_CALL, staffer, EVENING)

    send(EVENING)

    here = new_york.followups.get(step__sequence=after_call)
    there = los_angeles.followups.get(step__sequence=after_call, step__number=1)
    assert (here.state, there.state) == ("due", "sent")
    assert here.due_at == datetime.fromisoformat("2026-11-15T08:00:00-05:00")


def test_the_reader_gets_the_words_of_their_language_and_partner(
    confirmed: Candidate, after_call: Sequence, link: ReferralLink, staffer: User, sink: Sink
):
    first = after_call.steps.get(number=1)
    for version, partner in ((1, link.partner), (2, link.partner), (2, None)):
        StepText.objects.create(
            step=first,
            language="en",
            partner=partner,
            version=version,
            subject=f"Version {version} for {partner or 'all'}",
            body="# Hello\n\nYes.",
            written_at=NOON,
        )
    move(confirmed, Stage.INTRO_CALL, staffer, NOON)

    send(NOON)

    subjects = [str(it["Subject"]) for it in sink.messages]
    assert f"Version 2 for {link.partner}" in subjects
    sent = confirmed.followups.get(step=first)
    assert sent.text.subject == f"Version 2 for {link.partner}"


def test_who_said_stop_gets_nothing_that_follows(confirmed: Candidate, sink: Sink):
    send(NOON)

    privacy.unsubscribe(candidate_id=confirmed.id, now=NOON)
    send(NOON + DAY)

    assert mails.of(confirmed, ("welcome", 2)).state == "suppressed"


def test_a_confirmation_does_not_wait_behind_a_backlog(
    confirmed: Candidate, after_call: Sequence, sign_up: SignUp, ada: Answers, staffer: User,
    sink: Sink,
):  # fmt: skip
    move(confirmed, Stage.INTRO_CALL, staffer, NOON)
    sign_up(replace(ada, email="bo@example.org"))

    owed = FollowUp.objects.due(lane=Lane.URGENT, at=NOON)

    assert set(owed.values_list("step__sequence__slug", flat=True)) == {"confirmation", "welcome"}


def test_a_text_is_never_changed(db: None):
    text = StepText.objects.first()

    for change in (lambda: StepText.objects.update(subject="Other"), text.delete):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
