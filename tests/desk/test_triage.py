"""What staff do is written once, with who and when, and gives credit where it is due."""

import threading
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from candidates import triage
from candidates.models import Candidate, PhoneConflict, TriageAction
from candidates.models.candidates import Stage
from partners.models import Credit

pytestmark = pytest.mark.django_db


def move(leads, to_stage, author, now):
    ids = [lead.pk for lead in leads]
    return triage.move(candidate_ids=ids, to_stage=to_stage, author=author, now=now)


def kinds(lead):
    return list(
        Credit.objects.filter(candidate_uuid=lead.pk).order_by("pk").values_list("kind", flat=True)
    )


def test_moving_a_lead_writes_who_moved_it_from_where(lead, sam, now):
    ada = lead()

    moved = move([ada], Stage.INTRO_CALL, sam, now)

    action = TriageAction.objects.get()
    assert moved == 1
    assert (action.candidate, action.author, action.at) == (ada, sam, now)
    assert (action.from_stage, action.to_stage) == ("raised_hand", "intro_call")
    assert Candidate.objects.get().stage == "intro_call"


def test_moving_to_the_same_stage_writes_nothing(lead, sam, now):
    ada = lead()

    counts = [move([ada], Stage.ONE_TO_ONE, sam, now) for _ in range(2)]

    assert counts == [1, 0]
    assert TriageAction.objects.count() == 1
    assert kinds(ada) == ["signed_up", "call_attended"]


def test_a_one_to_one_call_is_credited_to_the_link_that_brought_the_person(lead, link, sam, now):
    ada = lead()

    move([ada], Stage.ONE_TO_ONE, sam, now)

    credit = Credit.objects.get(kind="call_attended")
    assert (credit.candidate_uuid, credit.link, credit.author) == (ada.pk, link, sam)


def test_a_lead_without_a_link_gives_organic_credit(lead, sam, now):
    bo = lead("Bo", organic=True)

    move([bo], Stage.FILED, sam, now)

    assert Credit.objects.get(kind="filed").link is None


@pytest.mark.parametrize(
    ("stage", "credited"),
    [
        ("intro_call", []),
        ("one_to_one", ["call_attended"]),
        ("resources", ["screened"]),
        ("filed", ["filed"]),
        ("applied", []),
        ("endorsed", ["endorsed"]),
        ("not_this_time", []),
    ],
)
def test_entering_a_stage_credits_what_it_proves(stage, credited, lead, sam, now):
    ada = lead()

    move([ada], Stage(stage), sam, now)

    assert kinds(ada) == ["signed_up", *credited]


def test_going_back_takes_no_credit_away_and_going_again_gives_none_twice(lead, sam, now):
    ada = lead()

    for stage in (Stage.ONE_TO_ONE, Stage.RAISED_HAND, Stage.ONE_TO_ONE):
        move([ada], stage, sam, now)

    assert kinds(ada) == ["signed_up", "call_attended"]
    assert TriageAction.objects.count() == 3


def test_assigning_again_writes_nothing_and_nobody_is_a_choice(lead, sam, robin, now):
    ada = lead()

    counts = [
        triage.assign(candidate_ids=[ada.pk], assignee=assignee, author=sam, now=now)
        for assignee in (robin, robin, None, None)
    ]

    assert counts == [1, 0, 1, 0]
    assert [it.assignee for it in TriageAction.objects.order_by("pk")] == [robin, None]


def test_a_note_sent_twice_by_a_double_click_is_written_once(lead, sam, robin, now):
    ada, bo = lead(), lead("Bo")

    triage.note(candidate_ids=[ada.pk], text="Call on Monday.", author=sam, now=now)
    again = triage.note(candidate_ids=[ada.pk, bo.pk], text="Call on Monday.", author=sam, now=now)
    other = triage.note(candidate_ids=[ada.pk], text="Call on Monday.", author=robin, now=now)

    assert (again, other) == (1, 1)
    assert TriageAction.objects.count() == 3


def test_the_same_note_later_is_a_new_note(lead, sam, now):
    ada = lead()

    for at in (now, now + 2 * triage.SAME_NOTE_WITHIN):
        triage.note(candidate_ids=[ada.pk], text="No answer.", author=sam, now=at)

    assert TriageAction.objects.count() == 2


def test_somebody_who_is_gone_is_skipped(sam, now):
    assert move([Candidate(pk=uuid4())], Stage.FILED, sam, now) == 0


def test_moving_twenty_takes_as_many_statements_as_moving_two(lead, sam, now):
    two, twenty = [lead() for _ in range(2)], [lead() for _ in range(20)]

    with CaptureQueriesContext(connection) as few:
        move(two, Stage.ONE_TO_ONE, sam, now)
    with CaptureQueriesContext(connection) as many:
        move(twenty, Stage.ONE_TO_ONE, sam, now)

    assert len(few) == len(many)


def test_settling_a_conflict_is_written_on_both_leads_once(lead, sam, now):
    ada, bo = lead(), lead("Bo", phone="+13125550001")
    conflict = PhoneConflict.objects.create(
        candidate=ada, held_by=bo, phone=bo.phone, noticed_at=now
    )

    counts = [triage.settle(conflict_ids=[conflict.pk], author=sam, now=now) for _ in range(2)]

    assert counts == [1, 0]
    assert {it.candidate for it in TriageAction.objects.all()} == {ada, bo}
    assert PhoneConflict.objects.get().settled_at == now


@pytest.mark.django_db(transaction=True)
def test_eight_colleagues_at_once_move_a_lead_once(lead, sam, now, drive):
    leads = [lead() for _ in range(5)]
    counts = []

    def at_the_same_time(step: int) -> None:
        try:
            counts.append(move(leads[::step], Stage.ONE_TO_ONE, sam, now))
        finally:
            connection.close()

    threads = [threading.Thread(target=at_the_same_time, args=(s,)) for s in (1, -1) * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(counts) == 5
    assert len(counts) == 8
    assert TriageAction.objects.count() == 5
    assert Credit.objects.filter(kind="call_attended").count() == 5
