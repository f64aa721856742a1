"""Two leads that are one person: one of them counts, both can be read, and it can be undone."""

import threading

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from candidates import broadcasts, desk, merging, signup, triage
from candidates.audit import corrections as audited
from candidates.audit import ledger, people
from candidates.followups import judging
from candidates.models import Candidate, FollowUp, PhoneConflict
from candidates.models.candidates import Stage
from candidates.signup import Answers, sign_up
from partners import credits, milestones
from partners.models import Correction, Credit
from tests import mails
from tests.broadcasts import drafted
from tests.conftest import NOON

pytestmark = pytest.mark.django_db
LEADS = reverse("admin:candidates_candidate_changelist")


@pytest.fixture
def ada(lead) -> Candidate:
    return lead("Ada")


@pytest.fixture
def ida(lead) -> Candidate:
    """Ada again, under the name and the address of her other life."""
    return lead("Ida", organic=True, confirmed_at=timezone.now())


def merge(one, other, author):
    told = {"reason": "she said so", "author": author, "now": timezone.now()}
    return merging.merge(candidate_id=one.pk, into_id=other.pk, **told)


def counting():
    lines = credits.lines_of(candidate_uuids=list(Candidate.objects.values_list("pk", flat=True)))
    return {uuid for uuid, it in credits.standing_of(lines=lines).items() if it.counts}


def test_one_of_them_counts_and_everybody_is_told_why(ada, ida, sam):
    for _ in range(2):
        merge(ida, ada, sam)

    assert counting() == {ada.pk}
    assert desk.unique_leads() == 1
    act = Correction.objects.get()
    assert (act.deed, act.cause, act.change) == ("voided", "duplicate", -1)
    assert not any(not it.is_ok for it in audited.always())
    assert [it.actions.count() for it in (ada, ida)] == [1, 1]


def test_no_mail_is_sent_to_who_was_merged_and_none_is_planned(ada, ida, sam):
    owed = mails.owe(ida, mails.WELCOME, at=NOON)
    merge(ida, ada, sam)

    found = judging.verdict(
        followup=FollowUp.objects.select_related("candidate", "step__sequence").get(pk=owed.pk),
        partner_id=None,
    )
    assert (found.state, found.why, found.ends) == ("needless", "merged", True)
    made = drafted(sam, now=timezone.now())
    assert not broadcasts.audiences.named(broadcast=made, now=timezone.now()).filter(pk=ida.pk)


def test_the_other_address_typed_again_is_kept_with_who_goes_on(ada, ida, sam):
    merge(ida, ada, sam)
    answers = Answers("Ida", "Example", ida.email, "60601", "county", "later")

    sign_up(answers=answers, agreements=[], now=timezone.now())

    assert Candidate.objects.count() == 2
    assert ada.resubmissions.get().answers["office"] == "county"


def test_they_can_be_parted_again(ada, ida, sam):
    merge(ida, ada, sam)
    told = {"reason": "twins", "author": sam, "now": timezone.now()}

    parted = [merging.part(candidate_id=ida.pk, **told) for _ in range(2)]

    assert parted == [True, False]
    assert counting() == {ada.pk, ida.pk}
    assert desk.unique_leads() == 2


def test_who_did_not_count_before_does_not_count_when_they_are_parted(ada, ida, sam):
    told = {"reason": "a joke", "author": sam, "now": timezone.now()}
    credits.void(candidate_uuids=[ida.pk], cause=Correction.Cause.NOBODY, **told)
    merge(ida, ada, sam)

    merging.part(candidate_id=ida.pk, **told)

    assert counting() == {ada.pk}


def test_the_credit_of_who_was_merged_is_given_back_by_parting_alone(ada, ida, sam, desk_of):
    merge(ida, ada, sam)
    client = desk_of(sam)
    assert "credit/restore/" not in client.get(f"{LEADS}{ida.pk}/change/").text

    words = {"reason": "x", "cause": "mistake", "sure": "1"}
    page = client.post(f"{LEADS}{ida.pk}/credit/restore/", words, follow=True)

    assert "Correct that one, who goes on, or part the two." in page.text
    assert counting() == {ada.pk}


def test_the_audit_finds_who_counts_although_they_are_another(ada, ida, sam):
    merge(ida, ada, sam)
    claim = "people who count although they are another"
    assert {it.name: it.found for it in people.always()}[claim] == 0

    credits.restore(candidate_uuids=[ida.pk], reason="x", author=sam, now=timezone.now())

    assert {it.name: it.found for it in people.always()}[claim] == 1


def test_what_comes_later_of_who_was_merged_counts_for_nobody_and_the_audit_is_level(
    ada, lead, sam
):
    eve = lead("Eve")
    merge(eve, ada, sam)

    signup.confirm(candidate_id=eve.pk, now=timezone.now())
    told = {"author": sam, "now": timezone.now()}
    triage.move(candidate_ids=[eve.pk, ada.pk], to_stage=Stage.ONE_TO_ONE, **told)

    assert counting() == {ada.pk}
    lines = credits.lines_of(candidate_uuids=[eve.pk])
    assert not credits.standing_of(lines=lines)[eve.pk].holds
    milestones.fold(now=timezone.now())
    assert not [it for it in (*audited.always(), *ledger.always()) if not it.is_ok]


def test_a_phone_that_stood_between_them_waits_for_nobody_any_more(ada, ida, lead, sam):
    bo = lead("Bo")
    for one, other in ((ida, ada), (bo, ada)):
        PhoneConflict.objects.create(
            candidate=one, held_by=other, phone="+13125550100", noticed_at=NOON
        )

    merge(ida, ada, sam)

    assert PhoneConflict.objects.get(settled_at=None).candidate == bo


def test_nobody_is_merged_with_themselves_in_a_ring_or_in_a_chain(ada, ida, lead, sam):
    eve = lead("Eve")
    merge(ida, ada, sam)

    for one, other in ((ada, ada), (ada, ida), (ada, eve), (ida, eve), (eve, ida)):
        with pytest.raises(merging.NotMerged):
            merge(one, other, sam)

    merge(eve, ada, sam)
    assert counting() == {ada.pk}


@pytest.mark.django_db(transaction=True)
def test_two_colleagues_who_merge_them_both_ways_at_once_leave_one(drive, ada, ida, sam):
    def both(one, other):
        try:
            merge(one, other, sam)
        except merging.NotMerged:
            refused.append(one)
        finally:
            connection.close()

    refused = []
    threads = [threading.Thread(target=both, args=pair) for pair in ((ada, ida), (ida, ada))]
    for it in threads:
        it.start()
    for it in threads:
        it.join(timeout=20)

    assert len(refused) == 1
    assert len(counting()) == 1


def test_sam_finds_the_other_looks_at_both_and_merges_them(ada, ida, lead, sam, desk_of):
    lead("Bo")
    client = desk_of(sam)
    story = client.get(f"{LEADS}{ida.pk}/change/")
    assert f"{ida.pk}/same-as/" in story.text

    found = client.post(f"{LEADS}{ida.pk}/same-as/", {"find": "ada"}, follow=True)
    address = f"{LEADS}{ida.pk}/same-as/{ada.pk}/"
    assert address in found.text
    looked = client.get(address)
    assert all(it in looked.text for it in (ada.email, ida.email))
    assert counting() >= {ada.pk, ida.pk}
    done = client.post(address, {"reason": "She told us at the call"}, follow=True)

    assert "They are one person now, and count once." in done.text
    assert str(ida.pk) in done.text  # among who was merged, on the page of who goes on
    assert "Ida Example" not in client.get(LEADS).text
    assert "Ida" in client.post(LEADS, {"q": ida.email}, follow=True).text
    parted = client.post(f"{LEADS}{ida.pk}/part/", {"reason": "Twins"}, follow=True)
    assert "They are two people again." in parted.text
    assert {str(it.reason) for it in Credit.objects.filter(kind="voided")} == {
        "She told us at the call",
        "Twins",
    }


@pytest.mark.parametrize("reason", ["", "x" * 201])
def test_without_a_reason_nothing_is_merged(ada, ida, sam, desk_of, reason):
    page = desk_of(sam).post(f"{LEADS}{ida.pk}/same-as/{ada.pk}/", {"reason": reason})

    assert "errorlist" in page.text
    assert Candidate.objects.filter(merged_into=None).count() == 2


def test_what_is_refused_is_said_on_the_page(ada, sam, desk_of):
    page = desk_of(sam).post(f"{LEADS}{ada.pk}/same-as/{ada.pk}/", {"reason": "x"})

    assert "That is this lead itself." in page.text


def test_who_may_only_look_merges_and_parts_nobody(ada, ida, reader, desk_of):
    client = desk_of(reader)
    addresses = [f"same-as/{ada.pk}/", "same-as/", "part/"]

    answers = [client.post(f"{LEADS}{ida.pk}/{it}", {"reason": "x"}) for it in addresses]

    assert {it.status_code for it in answers} == {403}
