"""A lead's page tells of every mail: sent in which words, delivered, due and why, planned."""

from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from candidates import correspondence, keys, privacy, story
from candidates.models import FollowUp, MailEvent, StepText, Suppression, TriageAction
from partners.models import User
from tests import mails

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
CLOCK = "on their clock (Chicago), from 8 a.m. to 8 p.m. only"
WELCOME_2 = mails.SHIPPED[4]


@pytest.fixture
def ada(lead, now):
    """Ada of Chicago confirmed at noon; nothing is owed to her yet."""
    ada = lead("Ada", confirmed_at=now)
    ada.followups.all().delete()
    return ada


@pytest.fixture
def welcomed(ada, now):
    """She has her first mail, delivered; the second is due tomorrow."""
    sent = mails.with_words(mails.owe(ada, mails.WELCOME, at=now))
    FollowUp.objects.filter(pk=sent.pk).update(state="sent", sent_at=now, text=sent.text)
    hear(sent, "delivered", now + timedelta(minutes=1))
    due = mails.owe(ada, WELCOME_2, at=now)
    FollowUp.objects.filter(pk=due.pk).update(due_at=now + DAY)
    return ada


def hear(mail, kind, at, detail=""):
    number = MailEvent.objects.count()
    MailEvent.objects.create(
        followup=mail, provider="sink", event_id=str(number), kind=kind, at=at, recorded_at=at,
        detail=detail,
    )  # fmt: skip


def told(ada, now):
    return [(it.title, it.detail) for it in story.tell(candidate=ada, now=now) if "mail" in it.kind]


def page_of(verb, ada, *args):
    return reverse(f"admin:candidates_candidate_mail_{verb}", args=[ada.pk, *args])


def story_page(ada):
    return reverse("admin:candidates_candidate_change", args=[ada.pk])


def test_what_was_sent_delivered_due_and_planned_is_told_in_order(welcomed, now):
    heard = told(welcomed, now + timedelta(hours=1))

    assert heard[:3] == [
        ("E-mail sent: Welcome, seven days: You're in", "in English, version 1 of the text"),
        ("E-mail delivered: Welcome, seven days: You're in", ""),
        (
            "E-mail due: Welcome, seven days: Your office and your date",
            f"1 day after the confirmation · Nov. 15, 2026, 11 a.m. {CLOCK}",
        ),
    ]
    assert [title for title, _detail in heard[3:]] == [
        "Planned: Welcome, seven days: Your why",
        "Planned: Welcome, seven days: Ten conversations",
        "Planned: Welcome, seven days: Money without fear",
        "Planned: Welcome, seven days: Your first week",
        "Planned: Welcome, seven days: The introduction call",
    ]


def test_a_mail_due_at_night_is_told_for_the_polite_hour_on_their_clock(ada, now):
    night = datetime(2026, 11, 15, 9, tzinfo=UTC)
    mails.owe(ada, WELCOME_2, at=night)

    event = next(it for it in story.tell(candidate=ada, now=now) if "due" in it.title)

    assert event.at == datetime(2026, 11, 15, 14, tzinfo=UTC)
    assert "8 a.m. on their clock (Chicago)" in event.detail


def test_what_is_planned_keeps_the_days_that_staff_set_between_two_mails(ada, now):
    late = mails.owe(ada, WELCOME_2, at=now)
    FollowUp.objects.filter(pk=late.pk).update(due_at=now + 5 * DAY)

    planned = [it.at for it in story.tell(candidate=ada, now=now) if it.kind == "mail planned"]

    assert planned[:2] == [now + 6 * DAY, now + 7 * DAY]


def test_what_is_planned_waits_for_the_polite_hours_on_their_own_clock(ada, now):
    ada.zip_code = "96801"  # Honolulu, where noon in New York is seven in the morning
    mails.owe(ada, WELCOME_2, at=now)

    planned = [it.at for it in story.tell(candidate=ada, now=now) if it.kind == "mail planned"]

    assert {it.hour for it in planned} == {18}


def test_nothing_is_planned_for_an_address_that_is_suppressed(ada, now):
    Suppression.objects.create(
        digest=privacy.digest(ada.email_canonical), reason="hard_bounce", at=now
    )
    mails.owe(ada, mails.WELCOME, at=now)

    [(_title, detail)] = told(ada, now)

    assert detail.endswith("will not be sent: the address is suppressed")


def test_whoever_has_confirmed_is_told_that_the_reminder_will_not_come(ada, now):
    mails.owe(ada, mails.REMIND, at=now)

    [(title, detail)] = told(ada, now)

    assert title == "E-mail due: Confirmation: First reminder"
    assert detail.endswith("will not be sent: the address is confirmed")


def test_why_a_mail_was_held_or_set_aside_is_told(ada, now):
    for place, state, why in (
        (mails.REMIND, "needless", "confirmed"), (mails.WELCOME, "held", "switched_off"),
        (WELCOME_2, "suppressed", ""),
    ):  # fmt: skip
        mail = mails.owe(ada, place, at=now)
        FollowUp.objects.filter(pk=mail.pk).update(state=state, why=why)

    assert set(told(ada, now)) == {
        ("E-mail no longer needed: Confirmation: First reminder", "the address is confirmed"),
        ("E-mail held back: Welcome, seven days: You're in", "the sequence is switched off"),
        (f"E-mail not sent, the address is suppressed: {mails.step(WELCOME_2)}", ""),
    }


def test_bounces_and_complaints_are_told_as_trouble_with_their_words(welcomed, now):
    mail = mails.of(welcomed, mails.WELCOME)
    hear(mail, "hard_bounce", now + timedelta(minutes=2), "550 no such mailbox")
    hear(mail, "replied", now + timedelta(minutes=3))

    events = story.tell(candidate=welcomed, now=now + DAY)

    trouble = [(it.title, it.detail) for it in events if it.is_trouble]
    subject = "Welcome, seven days: You're in"
    assert trouble == [(f"E-mail bounced for good: {subject}", "550 no such mailbox")]
    assert f"They answered this e-mail: {subject}" in {it.title for it in events}


def test_every_kind_of_event_has_its_words(welcomed, now):
    mail = mails.of(welcomed, mails.WELCOME)
    for kind in MailEvent.Kind:
        hear(mail, kind, now)

    assert len({title for title, _detail in told(welcomed, now)}) == 2 + len(MailEvent.Kind) + 5


def queries(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_three_mails_with_three_events_each_cost_no_more_than_one(welcomed, sam, desk_of, now):
    client, address = desk_of(sam), story_page(welcomed)
    one = queries(client, address)
    for place in mails.SHIPPED[5:8]:
        mail = mails.with_words(mails.owe(welcomed, place, at=now))
        FollowUp.objects.filter(pk=mail.pk).update(state="sent", sent_at=now, text=mail.text)
        for _number in range(3):
            hear(mail, "deferred", now)
    mails.owe(welcomed, mails.REMIND, at=now)

    assert queries(client, address) == one


def test_the_words_are_shown_as_they_were_sent_though_new_ones_were_written(
    welcomed, sam, desk_of, now
):
    mail = mails.of(welcomed, mails.WELCOME)
    StepText.objects.create(
        step=mail.step, language="en", version=2, subject="Quite new", body="# New\n\nWords.",
        written_at=now,
    )  # fmt: skip

    page = unescape(desk_of(sam).get(page_of("copy", welcomed, mail.pk)).content.decode())

    assert mail.text.subject.partition("{")[0] in page
    assert "Quite new" not in page
    assert "version 1" in page


def test_a_copy_can_do_nothing_and_gives_no_key_away(welcomed, sam, desk_of):
    client, mail = desk_of(sam), mails.of(welcomed, mails.WELCOME)

    page = client.get(page_of("copy", welcomed, mail.pk))
    html = client.get(page_of("copy_html", welcomed, mail.pk))

    assert "frame-src 'self'" in page["Content-Security-Policy"]
    assert html["Content-Security-Policy"].endswith("; sandbox")
    assert html["X-Frame-Options"] == "SAMEORIGIN"
    assert "<a" in html.content.decode()
    assert "<a href" not in html.content.decode()
    assert " style=" not in html.content.decode()
    for purpose in ("confirm", "sharing", "unsubscribe"):
        key = keys.make(purpose=purpose, candidate_id=welcomed.pk).encode()
        assert key not in page.content + html.content


def test_a_confirmation_shown_to_staff_confirms_nobody(lead, sam, desk_of, now):
    bo = lead("Bo")
    mail = mails.with_words(mails.of(bo))
    FollowUp.objects.filter(pk=mail.pk).update(state="sent", sent_at=now, text=mail.text)

    page = desk_of(sam).get(page_of("copy", bo, mail.pk)).content.decode()

    assert "/confirm/…" in page
    assert keys.make(purpose="confirm", candidate_id=bo.pk) not in page


def test_one_lead_s_mail_is_not_read_through_another(welcomed, lead, sam, desk_of):
    mail = mails.of(welcomed, mails.WELCOME)

    assert desk_of(sam).get(page_of("copy", lead("Bo"), mail.pk)).status_code == 404


def test_stopping_all_mail_asks_first_then_suppresses_what_is_due(welcomed, sam, desk_of):
    client, address = desk_of(sam), page_of("stop", welcomed)

    asked = client.get(address).content.decode()
    assert not Suppression.objects.exists()
    page = client.post(address, follow=True).content.decode()
    client.post(address)

    assert "gets no e-mail from us any more" in asked
    assert Suppression.objects.get().reason == "by_staff"
    assert mails.of(welcomed, WELCOME_2).state == "suppressed"
    assert "Nothing is sent to this person: stopped by a colleague" in page
    assert "Planned" not in page
    assert [it.text for it in TriageAction.objects.all()] == ["Stopped all e-mail to this person."]


def test_a_superuser_allows_mail_again_with_a_reason_that_stays(welcomed, sam, desk_of, now):
    correspondence.stop(candidate=welcomed, author=sam, now=now)
    client, address = desk_of(sam), page_of("allow", welcomed)

    assert "This field is required" in client.post(address).content.decode()
    assert Suppression.objects.exists()
    client.post(address, {"reason": "She called us."})

    assert not Suppression.objects.exists()
    assert TriageAction.objects.order_by("pk").last().text.endswith("She called us.")
    assert mails.of(welcomed, WELCOME_2).state == "suppressed"


@pytest.mark.parametrize("reason", ["unsubscribed", "complaint"])
def test_nobody_takes_back_what_a_reader_said_themselves(reason, welcomed, sam, desk_of, now):
    privacy.suppress(candidate=welcomed, reason=reason, now=now)
    client, address = desk_of(sam), page_of("allow", welcomed)

    page = client.get(address).content.decode()
    client.post(address, {"reason": "Surely not."})

    assert "They asked for it themselves" in page
    assert Suppression.objects.get().reason == reason
    assert not TriageAction.objects.exists()


def test_a_reader_s_own_stop_outweighs_a_colleague_s(welcomed, sam, now):
    correspondence.stop(candidate=welcomed, author=sam, now=now)

    privacy.unsubscribe(candidate_id=welcomed.pk, now=now + DAY)
    privacy.suppress(candidate=welcomed, reason="hard_bounce", now=now + 2 * DAY)

    entry = Suppression.objects.get()
    assert (entry.reason, entry.at) == ("unsubscribed", now + DAY)


def test_only_a_superuser_allows_mail_again(welcomed, sam, editor, desk_of, now):
    correspondence.stop(candidate=welcomed, author=sam, now=now)
    client = desk_of(editor)

    assert client.post(page_of("allow", welcomed), {"reason": "x"}).status_code == 403
    assert "Allow e-mail again" not in client.get(story_page(welcomed)).content.decode()
    assert Suppression.objects.exists()


@pytest.fixture
def editor(reader: User, permit) -> User:
    """A colleague who works with leads, and is no superuser."""
    return permit(reader, "change_candidate")


def test_a_reply_noted_twice_is_one_note(welcomed, editor, desk_of):
    client, address = desk_of(editor), page_of("replied", welcomed)

    client.post(address)
    page = client.post(address, follow=True).content.decode()

    welcomed.refresh_from_db()
    assert welcomed.replied_at
    assert [it.text for it in TriageAction.objects.all()] == ["They replied."]
    assert "They last replied on" in page


def test_a_failed_mail_is_sent_again_from_the_lead_s_page(welcomed, sam, editor, desk_of):
    mail = mails.of(welcomed, WELCOME_2)
    FollowUp.objects.filter(pk=mail.pk).update(state="failed", last_error="550 no")
    address = page_of("again", welcomed, mail.pk)

    page = desk_of(editor).get(story_page(welcomed)).content.decode()
    assert "E-mail failed: Welcome, seven days: Your office and your date" in page
    assert "Send it again" not in page
    assert desk_of(editor).post(address).status_code == 403
    assert "Send it again" in desk_of(sam).get(story_page(welcomed)).content.decode()
    desk_of(sam).post(address)
    desk_of(sam).post(address)

    mail.refresh_from_db()
    assert mail.state == "due"
    assert TriageAction.objects.get().text.startswith("Sends an e-mail again that failed")


def test_looking_changes_nothing_and_readers_may_not_act(welcomed, reader, sam, desk_of):
    mail = mails.of(welcomed, WELCOME_2)
    FollowUp.objects.filter(pk=mail.pk).update(state="failed")
    acts = [page_of(it, welcomed) for it in ("stop", "allow", "replied")]
    acts.append(page_of("again", welcomed, mail.pk))

    assert {desk_of(reader).post(it).status_code for it in acts} == {403}
    for address in acts:
        desk_of(sam).get(address)
    assert not Suppression.objects.exists()
    assert not TriageAction.objects.exists()
    assert mails.of(welcomed, WELCOME_2).state == "failed"
