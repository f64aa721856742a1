"""A person of two leads, as partners see them: once, in lists, files and numbers alike."""

import csv
import io

import pytest
from django.urls import reverse
from django.utils import timezone

from candidates import exporting, keys, merging, sharing
from candidates.audit import people
from candidates.models import Candidate, Consent, LeadExport, Tombstone
from partners import exports, milestones
from partners.models import Partner
from tests.conftest import NOON
from tests.sharing import share

pytestmark = pytest.mark.django_db


@pytest.fixture
def voters(link) -> Partner:
    return link.partner


@pytest.fixture
def nurses(db) -> Partner:
    return Partner.objects.create(name="Example Nurses", slug="nurses")


@pytest.fixture
def ada(lead) -> Candidate:
    return lead("Ada", confirmed_at=NOON)


@pytest.fixture
def ida(lead) -> Candidate:
    """Ada again, under the name and the address of her other life."""
    return lead("Ida", confirmed_at=NOON)


@pytest.fixture
def bo(lead) -> Candidate:
    """Ada once more, who came by herself."""
    return lead("Bo", organic=True, confirmed_at=NOON)


def told(author):
    return {"reason": "she said so", "author": author, "now": timezone.now()}


def merge(one, other, author):
    merging.merge(candidate_id=one.pk, into_id=other.pk, **told(author))


def part(one, author):
    merging.part(candidate_id=one.pk, **told(author))


def names(partner):
    return [lead.candidate.first_name for lead in sharing.leads(partner=partner)]


def numbers(partner):
    milestones.fold(now=timezone.now())
    found = sharing.count(partner=partner)
    return found.shared, found.private


def file_of(partner, author):
    now = timezone.now()
    exports.ask(model=LeadExport, partner=partner, author=author, language="en", now=now)
    exports.work(model=LeadExport, make=exporting.make, clock=timezone.now)
    return LeadExport.objects.latest("requested_at")


def rows_of(export):
    text = b"".join(exporting.download(export=export)).decode("utf-8-sig")
    return {row["First name"]: row["Sharing"] for row in csv.DictReader(io.StringIO(text))}


def test_a_partner_of_both_sees_the_person_once_in_list_file_and_number(ada, ida, voters, sam):
    share(voters, ada, ida)
    before = numbers(voters)

    merge(ida, ada, sam)

    assert before == (2, 0)
    assert names(voters) == ["Ada"]
    assert numbers(voters) == (1, 0)
    assert rows_of(file_of(voters, sam)) == {"Ada": "shared", "": "withdrawn"}


def test_a_file_that_was_made_before_says_no_more_of_who_was_merged(ada, ida, voters, sam):
    share(voters, ada, ida)
    export = file_of(voters, sam)

    merge(ida, ada, sam)

    assert rows_of(export) == {"Ada": "shared", "": "withdrawn"}


def test_a_partner_whose_lead_goes_on_as_anothers_sees_nothing_more_of_them(ada, bo, voters, sam):
    share(voters, ada)

    merge(ada, bo, sam)

    assert names(voters) == []
    assert numbers(voters) == (0, 0)
    assert rows_of(file_of(voters, sam)) == {"": "withdrawn"}


def test_a_partner_whose_credit_stays_sees_who_said_yes_as_the_other(ada, ida, voters, sam):
    share(voters, ida)

    merge(ida, ada, sam)

    assert names(voters) == ["Ida"]
    assert numbers(voters) == (1, 0)
    assert not Tombstone.objects.exists()


def test_nobody_is_shown_by_a_lead_that_is_not_confirmed_while_the_other_is(ada, ida, voters, sam):
    share(voters, ada, ida)
    Candidate.objects.filter(pk=ada.pk).update(confirmed_at=None)

    merge(ida, ada, sam)

    assert names(voters) == ["Ida"]


def test_who_took_a_yes_back_as_one_is_shown_as_neither(ada, ida, voters, nurses, sam):
    share(voters, ada, ida)
    share(nurses, ada)
    sharing.withdraw(candidate_id=ida.pk, partner_id=voters.pk, now=NOON)

    merge(ida, ada, sam)

    assert names(voters) == []
    assert names(nurses) == ["Ada"]
    assert numbers(voters) == (0, 1)
    assert {it.candidate_uuid for it in sharing.gone(partner=voters)} == {ada.pk, ida.pk}


def test_parting_shows_each_as_they_had_agreed(ada, ida, bo, voters, nurses, sam):
    share(voters, ada, ida)
    share(nurses, ida, bo)
    sharing.withdraw(candidate_id=bo.pk, partner_id=nurses.pk, now=NOON)
    merge(ida, ada, sam)
    merge(bo, ada, sam)
    during = names(voters), names(nurses)

    for it in (ida, bo):
        part(it, sam)

    assert during == (["Ada"], [])
    assert sorted(names(voters)) == ["Ada", "Ida"]
    assert numbers(voters) == (2, 0)
    assert names(nurses) == ["Ida"]
    assert [it.candidate_uuid for it in sharing.gone(partner=nurses)] == [bo.pk]
    assert not Consent.objects.exclude(set_aside_at=None).exists()


@pytest.mark.parametrize("whose", ["ada", "ida"])
def test_the_sharing_page_of_an_old_mail_speaks_for_the_whole_person(
    client, ada, ida, voters, sam, whose
):
    share(voters, ada, ida)
    merge(ida, ada, sam)
    reader = {"ada": ada, "ida": ida}[whose]
    token = keys.make(purpose="sharing", candidate_id=reader.pk)
    page = reverse("candidates:sharing", args=[token])
    assert "Stop sharing with Example Voters" in client.get(page).text

    client.post(page, {"partner": voters.pk})
    during = names(voters)
    part(ida, sam)

    assert during == []
    assert names(voters) == []  # what was said since holds for both


def test_the_audit_finds_who_is_seen_twice(ada, ida, voters, sam):
    claim = "people whom a partner sees twice"
    share(voters, ada, ida)
    merge(ida, ada, sam)
    assert {it.name: it.found for it in people.always()}[claim] == 0

    Consent.objects.update(set_aside_at=None)

    assert {it.name: it.found for it in people.always()}[claim] == 1


def test_the_dashboard_tells_the_partner_by_how_much_and_why(ada, bo, voters, sam, desk_of):
    merge(ada, bo, sam)

    page = desk_of(sam).get(f"/partners/{voters.slug}/").text

    assert "<strong>-1</strong> · signed up more than once" in page
    assert "Ada" not in page
