"""Saying yes to one partner, and taking it back."""

from datetime import timedelta

import pytest
from django.urls import reverse

from candidates import keys, sharing, signup, story
from candidates.models import Candidate, Consent, Tombstone, TriageAction
from partners.models import Partner, User
from tests.sharing import NOON, people, share, sharing_with

LATER = NOON + timedelta(days=1)


@pytest.fixture
def ada_shares(partner: Partner) -> Candidate:
    return sharing_with(partner, "Ada")[0]


@pytest.fixture
def nurses(db: None) -> Partner:
    return Partner.objects.create(name="Example Nurses", slug="nurses")


def names(partner: Partner) -> list[str]:
    return [lead.candidate.first_name for lead in sharing.leads(partner=partner)]


def page_of(candidate: Candidate) -> str:
    token = keys.make(purpose="sharing", candidate_id=candidate.pk)
    return reverse("candidates:sharing", args=[token])


def test_a_partner_sees_only_those_who_said_yes_to_it(partner, nurses):
    ada, bea, cy = people("Ada", "Bea", "Cy")
    share(partner, ada)
    share(nurses, bea)
    Consent.objects.create(
        candidate=cy, purpose="contact", wording="Write to me.", door="form", given_at=NOON
    )

    assert names(partner) == ["Ada"]
    assert names(nurses) == ["Bea"]


def test_whoever_has_not_confirmed_the_address_is_shared_with_nobody_yet(partner, drive):
    (ada,) = sharing_with(partner, "Ada", is_confirmed=False)

    before = names(partner)
    signup.confirm(candidate_id=ada.pk, now=LATER)

    assert before == []
    assert names(partner) == ["Ada"]


def test_withdrawing_takes_effect_at_once_and_for_that_partner_alone(ada_shares, partner, nurses):
    share(nurses, ada_shares)

    is_new = sharing.withdraw(candidate_id=ada_shares.pk, partner_id=partner.pk, now=LATER)

    assert is_new
    assert names(partner) == []
    assert names(nurses) == ["Ada"]
    assert [it.at for it in sharing.gone(partner=partner)] == [LATER]
    assert not sharing.gone(partner=nurses).exists()


def test_withdrawing_twice_is_withdrawing_once(ada_shares, partner):
    sharing.withdraw(candidate_id=ada_shares.pk, partner_id=partner.pk, now=LATER)

    again = sharing.withdraw(
        candidate_id=ada_shares.pk, partner_id=partner.pk, now=LATER + timedelta(days=1)
    )

    assert not again
    assert Tombstone.objects.get().at == LATER
    assert Consent.objects.get().withdrawn_at == LATER


def test_nobody_learns_of_a_withdrawal_whom_the_person_was_never_shown(partner):
    (ada,) = sharing_with(partner, "Ada", is_confirmed=False)

    sharing.withdraw(candidate_id=ada.pk, partner_id=partner.pk, now=LATER)

    assert not Tombstone.objects.exists()


def test_whoever_is_erased_leaves_a_tombstone_and_nothing_else(ada_shares, partner):
    uuid = ada_shares.pk

    sharing.bury(candidate_id=uuid, now=LATER)
    ada_shares.delete()

    assert [it.candidate_uuid for it in sharing.gone(partner=partner)] == [uuid]


def test_whoever_says_yes_again_is_no_longer_gone(ada_shares, partner):
    sharing.withdraw(candidate_id=ada_shares.pk, partner_id=partner.pk, now=LATER)

    share(partner, ada_shares)

    assert names(partner) == ["Ada"]
    assert not sharing.gone(partner=partner).exists()


def test_a_reference_is_the_same_for_ever_and_means_nothing_to_another_partner(ada_shares):
    first = sharing.reference(candidate_id=ada_shares.pk, partner_id=1)

    assert first == sharing.reference(candidate_id=ada_shares.pk, partner_id=1)
    assert first != sharing.reference(candidate_id=ada_shares.pk, partner_id=2)
    assert ada_shares.pk.hex[:6] not in first
    assert len(first) == 16


def test_opening_the_page_from_the_mail_changes_nothing(client, ada_shares, partner):
    page = client.get(page_of(ada_shares)).content.decode()

    assert "Stop sharing with Example Teachers Alliance" in page
    assert "Ada" not in page
    assert names(partner) == ["Ada"]


def test_one_press_stops_sharing_with_that_partner(client, ada_shares, partner, nurses):
    share(nurses, ada_shares)

    page = client.post(page_of(ada_shares), {"partner": partner.pk}).content.decode()

    assert "Done. Example Teachers Alliance no longer sees you." in page
    assert "Stop sharing with Example Nurses" in page
    assert names(partner) == []
    assert names(nurses) == ["Ada"]


@pytest.mark.parametrize("typed", ["", "x", "0", "-1", "9" * 30, "\x00"])
def test_a_partner_that_is_none_stops_nothing(client, ada_shares, partner, typed):
    page = client.post(page_of(ada_shares), {"partner": typed})

    assert page.status_code == 200
    assert names(partner) == ["Ada"]


def test_whoever_shares_with_nobody_is_told_so(client, db):
    (ada,) = people("Ada")

    assert "You share your answers with no partner" in client.get(page_of(ada)).content.decode()


def test_a_key_for_something_else_opens_nothing(client, ada_shares, partner):
    token = keys.make(purpose="confirm", candidate_id=ada_shares.pk)

    page = client.post(reverse("candidates:sharing", args=[token]), {"partner": partner.pk})

    assert page.status_code == 404
    assert names(partner) == ["Ada"]


def test_whoever_unsubscribes_finds_the_way_there(client, ada_shares):
    token = keys.make(purpose="unsubscribe", candidate_id=ada_shares.pk)
    address = reverse("candidates:unsubscribe", args=[token])

    assert page_of(ada_shares) in client.get(address).content.decode()
    assert page_of(ada_shares) in client.post(address).content.decode()


def test_staff_can_do_it_for_somebody_and_the_story_says_who(ada_shares, partner, staffer: User):
    sharing.withdraw(candidate_id=ada_shares.pk, partner_id=partner.pk, now=LATER, author=staffer)

    told = [(it.title, it.who, it.quote) for it in story.tell(candidate=ada_shares, now=LATER)]

    assert ("Stopped sharing", "Sam Staff", "Example Teachers Alliance") in told
    assert TriageAction.objects.get().at == LATER


def test_the_page_of_a_lead_has_the_button(client, ada_shares, partner, staffer):
    client.force_login(staffer)
    lead = reverse("admin:candidates_candidate_change", args=[ada_shares.pk])

    before = client.get(lead).content.decode()
    answer = client.post(
        reverse("admin:candidates_candidate_unshare", args=[ada_shares.pk, partner.pk])
    )

    assert "Stop sharing with Example Teachers Alliance" in before
    assert (answer.status_code, answer["Location"]) == (302, lead)
    assert names(partner) == []
    assert "Stop sharing with" not in client.get(lead).content.decode()


def test_opening_that_buttons_address_stops_nothing(client, ada_shares, partner, staffer):
    client.force_login(staffer)

    client.get(reverse("admin:candidates_candidate_unshare", args=[ada_shares.pk, partner.pk]))

    assert names(partner) == ["Ada"]


def test_a_colleague_who_may_only_read_cannot_stop_it(client, ada_shares, partner):
    client.force_login(User.objects.create_user("reader@example.org", is_staff=True))

    answer = client.post(
        reverse("admin:candidates_candidate_unshare", args=[ada_shares.pk, partner.pk])
    )

    assert answer.status_code == 403
    assert names(partner) == ["Ada"]
