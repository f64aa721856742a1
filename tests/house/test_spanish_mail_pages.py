"""Staff who read Spanish write mails, watch them leave, and look at one lead's: all in Spanish."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from candidates import privacy, signup
from candidates.admin.broadcast_deeds import REFUSED
from candidates.models import (
    Broadcast,
    Candidate,
    FollowUp,
    Lane,
    MailEvent,
    MailPause,
    Sequence,
    Step,
    Suppression,
)
from partners.models import MailRoute, User
from tests import mails
from tests.broadcasts import drafted, say, texts
from tests.house.test_spanish_pages import english_in, open_all
from tests.house.test_spanish_pages import ines as ines
from tests.house.test_spanish_pages import spanish as spanish

# Each reason why a mail waits or is not sent, and two that were tried.
SET_ASIDE = [("failed", ""), ("due", ""), *(("needless", it) for it in FollowUp.Why.values)]
DAY = timedelta(days=1)
MISSPELT = {"subject": "Hola", "body": "# Hola {fist_name}\n\n[Ven](javascript:x)", "seen": 1}


@pytest.fixture
def desk(spanish: Client, staffer: User) -> Client:
    spanish.force_login(staffer)
    return spanish


@pytest.fixture
def welcome(db: None) -> Sequence:
    return Sequence.objects.get(slug="welcome")


@pytest.fixture
def first(welcome: Sequence) -> Step:
    return welcome.steps.get(number=1)


@pytest.fixture
def rita(db: None) -> User:
    return User.objects.create_superuser("rita@example.org", full_name="Rita Release")


def english_after(client: Client, view: str, /, *at: object, **told: object) -> list[str]:
    """Press a button, and return the English on the page it leads to."""
    with translation.override("es"):
        path = reverse(f"admin:candidates_{view}", args=at)
    answer = client.post(path, told, follow=True)
    assert (answer.status_code, answer["Content-Language"]) == (200, "es"), view
    return english_in(answer.text)


def english_on(client: Client, name: str, *at: object) -> dict[str, list[str]]:
    return open_all(client, [f"admin:candidates_{name}"], *at)


def test_the_pages_of_a_sequence_are_spanish(desk: Client, welcome: Sequence, first: Step):
    begin = Sequence.objects.get(slug="confirmation")
    one, steps = (welcome.pk,), (welcome.pk, first.pk)

    found = english_on(desk, "sequence_changelist") | english_on(desk, "sequence_add")
    for page in ("sequence_change", "sequence_history", "step_add"):
        found |= english_on(desk, page, *one)
    found |= english_on(desk, "sequence_change", begin.pk)
    found |= english_on(desk, "step_change", *steps) | english_on(desk, "step_remove", *steps)

    assert found == {}


def test_what_can_not_be_of_a_sequence_is_said_in_spanish(
    desk: Client, welcome: Sequence, first: Step
):
    one, steps = (welcome.pk,), (welcome.pk, first.pk)
    new = {"name": "x", "slug": "x", "trigger": "stage_reached"}
    step = {"name": "x", "days": 0, "hours": 0, "lane": 1, "polite_from": 20, "polite_until": 8}
    pages = [
        english_after(desk, "sequence_add", **new),
        english_after(desk, "sequence_add", **new | {"trigger_stage": "intro_call"}),
        english_after(desk, "sequence_switch", Sequence.objects.get(slug="x").pk, to="on"),
        english_after(desk, "step_add", *one, **step, subject="", body=""),
        english_after(desk, "step_change", *steps, **step),
        english_after(desk, "step_change", *steps, **step | {"polite_from": ""}),
        english_after(desk, "step_change", *steps, **step | {"days": 9, "polite_from": 7}),
        english_after(desk, "step_move", *steps, to="earlier"),
        english_after(desk, "step_move", *steps, to="later"),
        english_after(desk, "sequence_switch", *one, to="off"),
        english_after(desk, "sequence_switch", *one, to="on"),
        english_after(desk, "step_remove", *steps),
    ]

    assert pages == [[]] * len(pages)


def test_the_pages_of_a_text_are_spanish(desk: Client, ines: Candidate, first: Step):
    with translation.override("es"):
        at = [first.sequence_id, first.pk]
        write, versions = (
            reverse(f"admin:candidates_steptext_{page}", args=at) + "?language=es&partner="
            for page in ("write", "versions")
        )
    words = {"subject": "Hola", "body": "# Hola\n\nYa casi es el día.", "seen": 1}
    pages = [
        desk.get(write),
        desk.post(write, words | {"look": 1, "reader": "nobody@example.org"}),
        desk.post(write, words | {"test": 1}),
        desk.post(write, MISSPELT | {"keep": 1}),
        desk.post(write, words | {"keep": 1}, follow=True),
        desk.post(write, words | {"keep": 1, "body": "# Otra"}),
        desk.post(write, words | {"keep": 1, "seen": 2}, follow=True),
        desk.get(versions),
        desk.post(versions, {"version": 1}, follow=True),
    ]

    assert [english_in(page.text) for page in pages] == [[]] * len(pages)


def test_a_broadcast_is_spanish_from_the_draft_to_its_end(
    desk: Client, ines: Candidate, staffer: User, rita: User
):
    signup.confirm(candidate_id=ines.pk, now=timezone.now())
    broadcast = drafted(rita, now=timezone.now(), stages=["raised_hand"], partners=[1])
    say(broadcast, rita, "# Hola\n\nYa casi es el día.", language="es", now=timezone.now())
    at = (broadcast.pk,)
    days = {"signed_up_from": "2026-11-14", "signed_up_until": "2026-11-13"}

    def press(deed: str, **told: object) -> list[str]:
        return english_after(desk, "broadcast_deed", *at, deed, **told)

    def let_go(people: int = 1) -> list[str]:
        """Release it from a page that was opened just now."""
        broadcast.refresh_from_db()
        seen = ",".join(str(it.pk) for it in texts(broadcast))
        counted_at = broadcast.counted_at and broadcast.counted_at.isoformat()
        return press("release", people=people, seen=seen, counted_at=counted_at or "")

    found = english_on(desk, "broadcast_changelist") | english_on(desk, "broadcast_add")
    found |= english_on(desk, "broadcast_change", *at)
    pages = [
        english_after(desk, "broadcast_add", name="x", **days),
        english_after(desk, "broadcast_add", name="x"),
        press("say", language="en", **MISSPELT),
        press("say", language="en", **MISSPELT | {"body": "# Hello", "seen": 0}),
        press("copy", language="es"),
        let_go(7),
        let_go(0),
        press("audience", name="x"),
    ]
    Broadcast.objects.update(drafted_by=staffer)
    pages += [let_go()]
    Broadcast.objects.update(drafted_by=rita)
    pages += [let_go()]
    found |= english_on(desk, "broadcast_change", *at)
    pages += [press("count"), press("pause"), press("resume"), press("stop"), press("pause")]
    found |= english_on(desk, "broadcast_changelist")

    assert (found, pages) == ({}, [[]] * len(pages))
    assert FollowUp.objects.filter(step=broadcast.step, why="stopped").exists()


def test_whatever_is_against_a_release_is_said_in_spanish():
    with translation.override("es"):
        assert [english_in(str(it)) for it in REFUSED.values()] == [[]] * len(REFUSED)


@pytest.mark.parametrize("reason", MailPause.Reason.values)
def test_the_mail_board_is_spanish_whatever_is_wrong(
    desk: Client, ines: Candidate, staffer: User, reason: str
):
    now, bulk = timezone.now(), Lane.BULK.value
    ines.followups.update(due_at=now - timedelta(hours=2))
    told_of(mails.owe(ines, mails.WELCOME, at=now), now)
    MailRoute.objects.create(key="provider", refilled_at=now, rests_until=now + DAY)

    found = english_on(desk, "mail_board")
    pages = [english_after(desk, "mail_lane", bulk, "pause", reason="Una dirección mala.")]
    MailPause.objects.update(reason=reason)
    for page in ("mail_board", "followup_changelist", "mailevent_changelist"):
        found |= english_on(desk, page)
    for deed in ("pause", "resume"):
        found |= english_on(desk, "mail_lane", bulk, deed)
    pages += [english_after(desk, "mail_lane", bulk, "resume", reason="")]
    pages += [english_after(desk, "mail_lane", bulk, "resume", reason="Ya está.")]

    assert (found, pages) == ({}, [[]] * len(pages))


def test_the_mails_of_a_lead_are_spanish(desk: Client, ines: Candidate):
    now = timezone.now()
    sent = told_of(ines.followups.get(), now)
    for place, (state, why) in zip(mails.SHIPPED[1:], SET_ASIDE, strict=False):
        owed = mails.owe(ines, place, at=now)
        FollowUp.objects.filter(pk=owed.pk).update(state=state, why=why, last_error="451")

    found = english_on(desk, "candidate_change", ines.pk)
    found |= english_on(desk, "candidate_mail_copy", ines.pk, sent.pk)
    found |= english_on(desk, "followup_change", sent.pk)
    for page in ("candidate_mail_stop", "candidate_mail_allow"):
        found |= english_on(desk, page, ines.pk)
    failed = ines.followups.filter(state="failed").get()
    pages = [
        english_after(desk, "candidate_mail_again", ines.pk, failed.pk),
        english_after(desk, "candidate_mail_replied", ines.pk),
        english_after(desk, "candidate_mail_stop", ines.pk),
        english_after(desk, "candidate_mail_allow", ines.pk, reason=""),
        english_after(desk, "candidate_mail_allow", ines.pk, reason="Ya funciona."),
    ]
    Suppression.objects.all().delete()
    privacy.unsubscribe(candidate_id=ines.pk, now=now)
    found |= english_on(desk, "candidate_mail_allow", ines.pk)
    pages += [english_after(desk, "candidate_mail_allow", ines.pk, reason="Porque sí.")]
    found |= english_on(desk, "suppression_changelist")

    assert (found, pages) == ({}, [[]] * len(pages))


def told_of(mail: FollowUp, now: datetime) -> FollowUp:
    """Let a mail have left, and everything be told of it."""
    mails.with_words(mail)
    mail.state, mail.sent_at = FollowUp.State.SENT, now - timedelta(hours=1)
    mail.save()
    MailEvent.objects.bulk_create(
        MailEvent(followup=mail, provider="sink", event_id=it, kind=it, at=now, recorded_at=now)
        for it in MailEvent.Kind.values
    )
    return mail
