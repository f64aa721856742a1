"""Staff set up sequences: what is refused is refused in words; nothing that was sent is lost."""

from datetime import timedelta

import pytest

from candidates import editing, triage, wording
from candidates.models import Candidate, FollowUp, Sequence, Step
from candidates.models.candidates import Stage
from partners.models import User
from tests import mails
from tests.conftest import NOON
from tests.sequences.conftest import BODY, DAY, HOUR, add, made
from tests.sink import Sink

pytestmark = pytest.mark.django_db


def names(sequence: Sequence) -> list[tuple[str, timedelta]]:
    living = sequence.steps.filter(removed_at=None).order_by("number")
    return [(it.name, it.delay) for it in living]


def reach(candidate: Candidate, staffer: User) -> None:
    triage.move(candidate_ids=[candidate.pk], to_stage=Stage.INTRO_CALL, author=staffer, now=NOON)


def shipped(slug: str) -> Sequence:
    return Sequence.objects.get(slug=slug)


@pytest.mark.parametrize(
    ("columns", "field"),
    [
        ({"trigger": "signed_up", "trigger_stage": ""}, "trigger"),
        ({"trigger": "by_hand", "trigger_stage": ""}, "trigger"),
        ({"trigger_stage": ""}, "trigger_stage"),
        ({"trigger": "signed_up", "trigger_stage": "", "is_for_unconfirmed": True}, None),
    ],
)
def test_a_sequence_that_would_write_too_early_is_not_made(
    columns: dict[str, object], field: str | None
) -> None:
    with pytest.raises(editing.NotAllowed) as refused:
        made(**columns)

    assert refused.value.field == field
    assert not Sequence.objects.filter(slug="call").exists()


def test_the_confirmation_begins_with_the_sign_up_and_with_nothing_else() -> None:
    confirmation = shipped("confirmation")
    confirmation.trigger = "confirmed"

    with pytest.raises(editing.NotAllowed):
        editing.save(sequence=confirmation)


def test_saving_keeps_the_short_name_and_the_switch(call: Sequence) -> None:
    stale = Sequence.objects.get(pk=call.pk)
    editing.switch_off(sequence=call)

    stale.name, stale.slug = "After every call", "other"
    editing.save(sequence=stale)

    now = Sequence.objects.get(pk=call.pk)
    assert (now.name, now.slug, now.switched_on_at) == ("After every call", "call", None)


def test_a_new_step_takes_the_place_that_its_delay_gives_it(call: Sequence, staffer: User) -> None:
    add(call, "between", DAY + HOUR, staffer)
    add(call, "last", 9 * DAY, staffer)

    expected = [("one", 0 * DAY), ("two", DAY), ("between", DAY + HOUR), ("three", 2 * DAY)]
    assert names(call) == [*expected, ("last", 9 * DAY)]


def test_two_steps_at_the_same_time_are_refused(call: Sequence, staffer: User) -> None:
    with pytest.raises(editing.NotAllowed, match="must leave later than “two”"):
        add(call, "too", DAY, staffer)


def test_a_step_that_would_overtake_its_neighbour_is_refused(call: Sequence) -> None:
    second = call.steps.get(name="two")
    second.delay = 3 * DAY

    with pytest.raises(editing.NotAllowed, match="“three” must leave later than “two”"):
        editing.save_step(step=second, now=NOON)


def test_a_step_without_words_that_can_be_sent_is_not_added(call: Sequence, staffer: User) -> None:
    step = Step(sequence=call, name="four", delay=5 * DAY)

    with pytest.raises(wording.Refused, match=r"Did you mean \{first_name\}"):
        editing.add(step=step, subject="Hi", body="# Hi {fist_name|you}", author=staffer, now=NOON)

    assert len(names(call)) == 3


@pytest.mark.parametrize("hours", [(8, None), (None, 20), (20, 8), (8, 8), (20, 25)], ids=str)
def test_polite_hours_are_a_span(call: Sequence, hours: tuple[int | None, int | None]) -> None:
    first = call.steps.get(name="one")
    first.polite_from, first.polite_until = hours

    with pytest.raises(editing.NotAllowed) as refused:
        editing.save_step(step=first, now=NOON)

    assert refused.value.field == "polite_until"


def test_nobody_gets_a_fourth_mail_before_they_confirmed(staffer: User) -> None:
    with pytest.raises(editing.NotAllowed, match="two reminders, no more"):
        add(shipped("confirmation"), "four", 9 * DAY, staffer)


def test_nobody_gets_two_mails_in_a_day_before_they_confirmed() -> None:
    reminder = mails.step(mails.REMIND)
    reminder.delay = 23 * HOUR

    with pytest.raises(editing.NotAllowed, match="24 hours"):
        editing.save_step(step=reminder, now=NOON)

    reminder.delay = 24 * HOUR
    editing.save_step(step=reminder, now=NOON)


def test_neighbours_exchange_places_and_times(call: Sequence) -> None:
    editing.move(step=call.steps.get(name="three"), is_earlier=True, now=NOON)
    editing.move(step=call.steps.get(name="one"), is_earlier=False, now=NOON)

    assert names(call) == [("three", 0 * DAY), ("one", DAY), ("two", 2 * DAY)]


def test_no_step_moves_past_the_ends(call: Sequence) -> None:
    for name, is_earlier in (("one", True), ("three", False)):
        with pytest.raises(editing.NotAllowed):
            editing.move(step=call.steps.get(name=name), is_earlier=is_earlier, now=NOON)


def test_who_waits_at_a_removed_step_goes_on_to_the_next(
    call: Sequence, confirmed: Candidate, staffer: User, sink: Sink
) -> None:
    reach(confirmed, staffer)
    mails.send_due(clock=lambda: NOON)
    editing.remove(step=call.steps.get(name="two"), now=NOON)
    add(call, "instead", DAY - HOUR, staffer)  # before it: the one who waits passed that place

    for days in (1, 2):
        mails.send_due(clock=lambda days=days: NOON + days * DAY)

    theirs = confirmed.followups.filter(step__sequence=call).order_by("due_at")
    assert [(it.step.name, it.state) for it in theirs] == [
        ("one", "sent"), ("two", "needless"), ("three", "sent")
    ]  # fmt: skip
    assert Step.objects.filter(sequence=call).count() == 4


def test_the_only_step_of_a_sequence_that_is_on_stays(staffer: User) -> None:
    sequence = made()
    only = add(sequence, "one", 0 * DAY, staffer)
    editing.switch_on(sequence=sequence, now=NOON)

    with pytest.raises(editing.NotAllowed, match="switch the sequence off"):
        editing.remove(step=only, now=NOON)

    editing.switch_off(sequence=sequence)
    editing.remove(step=only, now=NOON)


def test_without_an_english_text_for_each_step_it_stays_off(staffer: User) -> None:
    sequence = made()
    with pytest.raises(editing.NotAllowed, match="Add a step first"):
        editing.switch_on(sequence=sequence, now=NOON)

    add(sequence, "said", 0 * DAY, staffer)
    Step.objects.create(
        sequence=sequence, number=2, name="unsaid", delay=DAY, added_at=NOON
    ).texts.create(language="es", version=1, subject="Hola", body=BODY, written_at=NOON)

    with pytest.raises(editing.NotAllowed, match="for: unsaid"):
        editing.switch_on(sequence=sequence, now=NOON)
    assert Sequence.objects.get(pk=sequence.pk).switched_on_at is None


def test_those_on_their_way_are_counted_at_each_step(
    call: Sequence, confirmed: Candidate, staffer: User, sink: Sink
) -> None:
    reach(confirmed, staffer)
    everything = list(Sequence.objects.all())

    def counted() -> dict[str, int]:
        waiting = editing.waiting(sequences=everything)
        steps = Step.objects.in_bulk(waiting)
        return {steps[it].name: found.value for it, found in waiting.items() if found}

    assert counted() == {"Confirmation": 1, "You're in": 1, "one": 1}
    mails.send_due(clock=lambda: NOON)
    assert counted() == {"Your office and your date": 1, "two": 1}
    editing.switch_off(sequence=call)
    assert counted() == {"Your office and your date": 1, "two": 1}


def test_more_than_a_thousand_are_not_counted_one_by_one(
    call: Sequence, confirmed: Candidate, first: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    for at in call.steps.all():
        FollowUp.objects.create(
            candidate=confirmed, step=at, lane=at.lane, anchor_at=NOON, due_at=NOON
        )
    monkeypatch.setattr("candidates.desk.COUNTED_UP_TO", 0)

    counted = editing.waiting(sequences=[call])

    assert {str(it) for it in counted.values()} == {"0+"}
