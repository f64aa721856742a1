"""Staff take back many credits at once, and see beforehand whom it costs what."""

import pytest
from django.urls import reverse

from partners import milestones
from partners.models import Correction, Credit, Tally
from tests.conftest import NOON

pytestmark = pytest.mark.django_db
LIST = reverse("admin:candidates_candidate_changelist")
VOID = reverse("admin:candidates_candidate_void")


def ask(client, people):
    chosen = {"action": "void_leads", "_selected_action": [str(it.pk) for it in people]}
    return client.post(LIST, chosen)


def void(client, people, **answers):
    told = {"ids": ",".join(str(it.pk) for it in people), "cause": "nobody", "reason": "bots"}
    return client.post(VOID, told | answers, follow=True)


def test_what_it_costs_is_shown_and_nothing_is_done(lead, sam, desk_of):
    people = [lead("Ada"), lead("Bo"), lead("Cy", organic=True)]

    page = ask(desk_of(sam), people)

    assert "<strong>3 leads</strong>" in page.text
    assert "<strong>−2</strong> Example Voters" in page.text
    assert "<strong>−1</strong> nobody (organic)" in page.text
    assert Credit.objects.count() == 3


def test_it_is_done_with_its_reason_and_told_to_everybody(lead, sam, desk_of):
    people = [lead("Ada"), lead("Bo"), lead("Cy")]
    client = desk_of(sam)

    answer = void(client, people[:2])

    assert "2 leads count no longer." in answer.text
    lines = Credit.objects.filter(kind="voided")
    assert {(it.amount, it.reason, it.author) for it in lines} == {(-1, "bots", sam)}
    act = Correction.objects.get()
    assert (act.deed, act.cause, act.people, act.change) == ("voided", "nobody", 2, -2)
    milestones.fold(now=NOON)
    assert sum(Tally.objects.values_list("value", flat=True)) == 1


def test_twice_is_once(lead, sam, desk_of):
    people, client = [lead("Ada")], desk_of(sam)
    void(client, people)

    assert "0 leads count no longer." in void(client, people).text
    assert "there is nothing to take back" in ask(client, people).text
    assert Correction.objects.count() == 1


@pytest.mark.parametrize("wrong", [{"reason": ""}, {"cause": ""}, {"cause": "recomputed"}])
def test_without_a_reason_nothing_is_done_and_nothing_typed_is_lost(lead, sam, desk_of, wrong):
    people = [lead("Ada")]

    page = void(desk_of(sam), people, **wrong)

    assert "errorlist" in page.text
    assert str(people[0].pk) in page.text
    assert wrong.get("reason", "bots") in page.text
    assert not Correction.objects.exists()


def test_ids_that_are_none_are_refused(lead, sam, desk_of):
    assert "Choose the leads again." in void(desk_of(sam), [], ids="x,y").text


def test_who_may_only_look_takes_nothing_back(lead, reader, desk_of):
    people = [lead("Ada")]

    assert void(desk_of(reader), people).status_code == 403
    assert Credit.objects.count() == 1
