"""Whoever said no to mail under one address said no, whichever of their leads goes on."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from candidates import correspondence, events, keys, merging, privacy
from candidates.models import Candidate, FollowUp, MailEvent, Suppression, TriageAction
from tests import mails
from tests.conftest import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(lead) -> Candidate:
    return lead("Ada")


@pytest.fixture
def ida(lead) -> Candidate:
    """Ada again, under the name and the address of her other life."""
    return lead("Ida", organic=True, confirmed_at=NOON)


def told(author):
    return {"reason": "she said so", "author": author, "now": timezone.now()}


def merge(one, other, author):
    merging.merge(candidate_id=one.pk, into_id=other.pk, **told(author))


def why(candidate):
    entry = privacy.entry_of(candidate=candidate)
    return entry and entry.reason


def refuse(candidate, reason="unsubscribed"):
    privacy.suppress(candidate=candidate, reason=Suppression.Reason(reason), now=NOON)


@pytest.mark.parametrize("reason", ["unsubscribed", "complaint", "by_staff"])
def test_who_said_no_as_one_is_written_to_as_neither(ada, ida, sam, reason):
    owed = mails.owe(ada, mails.WELCOME, at=NOON)
    refuse(ida, reason)

    merge(ida, ada, sam)

    assert (why(ida), why(ada)) == (reason, "merged")
    assert FollowUp.objects.get(pk=owed.pk).state == "suppressed"
    assert "said no to e-mail" in ada.actions.order_by("pk").last().text


@pytest.mark.parametrize("reason", ["hard_bounce", "soft_bounces"])
def test_a_mailbox_that_bounces_says_nothing_of_the_other_one(ada, ida, sam, reason):
    refuse(ida, reason)

    merge(ida, ada, sam)

    assert why(ada) is None


@pytest.mark.parametrize(("again", "expected"), [(False, "merged"), (True, None)])
def test_who_took_back_that_we_may_write_said_no(ada, ida, sam, again, expected):
    agreed = {"purpose": "contact", "wording": "Write to me.", "door": "form", "given_at": NOON}
    ida.consents.create(**agreed, withdrawn_at=NOON)
    if again:
        ida.consents.create(**agreed)

    merge(ida, ada, sam)

    assert why(ada) == expected


def test_parting_gives_each_back_what_they_had_said_themselves(ada, ida, sam):
    refuse(ida)
    merge(ida, ada, sam)

    merging.part(candidate_id=ida.pk, **told(sam))

    assert (why(ida), why(ada)) == ("unsubscribed", None)
    assert "here it may go" in ada.actions.order_by("pk").last().text


def test_what_the_one_that_goes_on_had_said_stays_said(ada, ida, sam):
    for it in (ada, ida):
        refuse(it)
    merge(ida, ada, sam)

    merging.part(candidate_id=ida.pk, **told(sam))

    assert (why(ida), why(ada)) == ("unsubscribed", "unsubscribed")


def test_while_another_of_their_leads_says_no_parting_one_lifts_nothing(ada, ida, lead, sam):
    eve = lead("Eve")
    for it in (ida, eve):
        refuse(it)
        merge(it, ada, sam)

    merging.part(candidate_id=ida.pk, **told(sam))
    before = why(ada)
    merging.part(candidate_id=eve.pk, **told(sam))

    assert (before, why(ada)) == ("merged", None)


@pytest.mark.parametrize("whose", ["ada", "ida"])
def test_the_link_of_an_old_mail_speaks_for_the_whole_person_and_parting_takes_it_from_nobody(
    client, ada, ida, sam, whose
):
    merge(ida, ada, sam)
    reader = {"ada": ada, "ida": ida}[whose]
    token = keys.make(purpose="unsubscribe", candidate_id=reader.pk)

    client.post(reverse("candidates:unsubscribe", args=[token]))
    during = (why(ada), why(ida))
    merging.part(candidate_id=ida.pk, **told(sam))

    assert during == ("unsubscribed", "unsubscribed")
    assert (why(ada), why(ida)) == ("unsubscribed", "unsubscribed")


@pytest.mark.parametrize(("kind", "expected"), [("complaint", "complaint"), ("hard_bounce", None)])
def test_calling_an_old_mail_spam_speaks_for_the_person_and_a_bounce_for_the_box(
    ada, ida, sam, kind, expected
):
    sent = mails.owe(ida, mails.WELCOME, at=NOON)
    merge(ida, ada, sam)

    events.record(
        provider="x",
        event_id="1",
        kind=MailEvent.Kind(kind),
        followup_id=sent.pk,
        at=NOON,
        now=timezone.now(),
    )

    assert why(ida) == kind
    assert why(ada) == expected


def test_no_colleague_takes_back_what_was_said_under_the_other_address(ada, ida, sam):
    refuse(ida)
    merge(ida, ada, sam)

    with pytest.raises(correspondence.TheirOwnWish):
        correspondence.allow(candidate=ada, **told(sam))

    assert why(ada) == "merged"


def test_what_a_colleague_stopped_a_colleague_allows_again(ada, ida, sam):
    correspondence.stop(candidate=ida, author=sam, now=NOON)
    merge(ida, ada, sam)

    assert correspondence.allow(candidate=ada, **told(sam))

    assert why(ada) is None


def test_merging_twice_notes_it_once(ada, ida, sam):
    refuse(ida)

    for _ in range(2):
        merge(ida, ada, sam)

    assert TriageAction.objects.filter(text__contains="said no to e-mail").count() == 1


@pytest.mark.django_db(transaction=True)
def test_who_unsubscribes_while_a_colleague_merges_them_is_mailed_at_neither(drive, ada, ida, sam):
    def unsubscribe():
        privacy.unsubscribe(candidate_id=ida.pk, now=timezone.now())
        connection.close()

    thread = threading.Thread(target=unsubscribe)
    with transaction.atomic():
        merge(ida, ada, sam)
        thread.start()
        thread.join(timeout=timedelta(milliseconds=500).total_seconds())
        assert thread.is_alive()  # it waits, so that it knows of the other lead
    thread.join(timeout=20)

    assert (why(ida), why(ada)) == ("unsubscribed", "unsubscribed")
