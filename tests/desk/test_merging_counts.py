"""Whatever is merged, parted and corrected: every person counts once, or was voided on purpose."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from candidates import merging, signup, triage
from candidates.audit import corrections as audited
from candidates.audit import ledger, people
from candidates.models import Candidate
from candidates.models.candidates import Stage
from partners import credits, milestones
from partners.models import Correction, Credit, Hold, Partner, ReferralLink

pytestmark = pytest.mark.django_db
LEADS = reverse("admin:candidates_candidate_changelist")


@pytest.fixture
def ada(lead) -> Candidate:
    return lead("Ada")


@pytest.fixture
def ida(lead) -> Candidate:
    """Ada again, under the name and the address of her other life."""
    return lead("Ida", organic=True)


@pytest.fixture
def told(sam):
    return lambda: {"reason": "she said so", "author": sam, "now": timezone.now()}


@pytest.fixture
def merge(told):
    return lambda one, other: merging.merge(candidate_id=one.pk, into_id=other.pk, **told())


@pytest.fixture
def part(told):
    return lambda one: merging.part(candidate_id=one.pk, **told())


def confirm(lead):
    signup.confirm(candidate_id=lead.pk, now=timezone.now())


def holding(*leads):
    """Say what counts of each, in the order in which they are named."""
    lines = credits.lines_of(candidate_uuids=[it.pk for it in leads])
    standing = credits.standing_of(lines=lines)
    return [sorted(standing[it.pk].holds) for it in leads]


def off(*audits):
    return [it.name for audit in audits for it in audit.always() if not it.is_ok]


def test_who_confirmed_under_the_other_address_counts_as_confirmed(ada, ida, merge, part):
    confirm(ida)
    merge(ida, ada)
    merged = holding(ida, ada)
    part(ida)

    assert merged == [[], ["confirmed", "signed_up"]]
    assert holding(ida, ada) == [["confirmed", "signed_up"], ["signed_up"]]
    assert off(audited) == []


def test_so_does_who_confirms_there_later(ada, ida, merge, part):
    merge(ida, ada)
    confirm(ida)
    merged = holding(ida, ada)
    part(ida)

    assert merged == [[], ["confirmed", "signed_up"]]
    assert holding(ida, ada) == [["confirmed", "signed_up"], ["signed_up"]]
    assert off(audited) == []


def test_who_confirms_both_addresses_counts_once_and_twice_when_they_are_two(ada, ida, merge, part):
    merge(ida, ada)
    confirm(ida)
    confirm(ada)
    merged = holding(ida, ada)
    part(ida)

    assert merged == [[], ["confirmed", "signed_up"]]
    assert holding(ida, ada) == [["confirmed", "signed_up"]] * 2
    assert off(audited) == []


def test_the_public_reads_of_a_move_by_one_person_that_changes_nothing(
    ada, ida, merge, told
) -> None:
    confirm(ida)
    merge(ida, ada)

    acts = Correction.objects.order_by("id").values_list("deed", "cause", "people", "change")
    assert list(acts) == [("voided", "duplicate", 1, -1), ("moved", "duplicate", 1, 0)]


def test_nobody_is_merged_into_a_lead_that_counts_no_longer(ada, ida, merge, told):
    credits.void(candidate_uuids=[ada.pk], **told())

    with pytest.raises(merging.NotMerged, match="counts no longer"):
        merge(ida, ada)

    assert holding(ida, ada) == [["signed_up"], []]
    assert merge(ada, ida) == ida


@pytest.mark.parametrize("cause", [Correction.Cause.DUPLICATE, Correction.Cause.NOBODY])
def test_who_was_voided_before_stays_so_when_they_are_parted(ada, ida, merge, part, told, cause):
    credits.void(candidate_uuids=[ida.pk], cause=cause, **told())
    merge(ida, ada)
    confirm(ida)

    part(ida)

    assert holding(ida, ada) == [[], ["signed_up"]]


@pytest.mark.parametrize("deed", ["void", "restore", "reassign"])
def test_the_credit_of_who_was_merged_is_not_touched_at_the_desk(
    ada, ida, merge, part, sam, desk_of, deed
):
    merge(ida, ada)
    words = {"reason": "x", "cause": "mistake", "sure": "1", "link": "nobody"}

    page = desk_of(sam).post(f"{LEADS}{ida.pk}/credit/{deed}/", words, follow=True)

    assert "Correct that one, who goes on" in page.text
    assert holding(ida, ada) == [[], ["signed_up"]]
    part(ida)
    assert holding(ida, ada) == [["signed_up"]] * 2


def test_what_was_lent_does_not_come_back_to_who_was_voided_meanwhile(ada, ida, merge, part, told):
    confirm(ida)
    merge(ida, ada)
    credits.void(candidate_uuids=[ada.pk], **told())
    part(ida)
    credits.restore(candidate_uuids=[ada.pk], **told())

    assert holding(ida, ada) == [["confirmed", "signed_up"], ["signed_up"]]
    assert off(audited) == []


def test_confirming_asks_one_more_query_for_who_was_never_merged(ada, ida):
    with CaptureQueriesContext(connection) as queries:
        confirm(ada)

    assert sum("merged_into" in it["sql"] for it in queries) == 1


@dataclass
class Crowd:
    """Some leads to whom anything happens that a colleague, or they themselves, can do."""

    leads: list[Candidate]
    links: list[ReferralLink | None]
    author: object
    chance: Random
    now: datetime
    voided: set[object] = field(default_factory=set)
    reached: set[tuple[object, str]] = field(default_factory=set)
    deeds: list[tuple[str, str, str]] = field(default_factory=list)

    DEEDS = (
        *("confirm", "file", "void", "restore", "reassign", "release", "fold"),
        *("merge", "merge", "merge", "part", "part"),
    )

    def do(self) -> None:
        one, other = (Candidate.objects.get(pk=it.pk) for it in self.chance.sample(self.leads, 2))
        deed = self.chance.choice(self.DEEDS)
        self.now += timedelta(seconds=1)
        self.deeds.append((deed, str(one), str(other)))
        getattr(self, deed)(one, other)

    @property
    def told(self) -> dict[str, object]:
        return {"reason": "so it is", "author": self.author, "now": self.now}

    def confirm(self, one: Candidate, _other: Candidate) -> None:
        signup.confirm(candidate_id=one.pk, now=self.now)
        self.reached.add((one.pk, "confirmed"))

    def file(self, one: Candidate, _other: Candidate) -> None:
        if not one.merged_into_id:
            words = {"author": self.author, "now": self.now}
            triage.move(candidate_ids=[one.pk], to_stage=Stage.FILED, **words)
            self.reached.add((one.pk, "filed"))

    def void(self, one: Candidate, _other: Candidate) -> None:
        if not one.merged_into_id:
            cause = self.chance.choice(list(Correction.Cause))
            credits.void(candidate_uuids=[one.pk], cause=cause, **self.told)
            self.voided.add(one.pk)

    def restore(self, one: Candidate, _other: Candidate) -> None:
        if not one.merged_into_id:
            credits.restore(candidate_uuids=[one.pk], **self.told)
            self.voided.discard(one.pk)

    def reassign(self, one: Candidate, _other: Candidate) -> None:
        link = self.chance.choice(self.links)
        credits.reassign(candidate_uuids=[one.pk], link=link, **self.told)

    def release(self, one: Candidate, _other: Candidate) -> None:
        holds = Hold.objects.filter(candidate_uuid=one.pk).values_list("pk", flat=True)
        credits.release(hold_ids=list(holds), author=self.author, now=self.now)

    def merge(self, one: Candidate, other: Candidate) -> None:
        try:
            merging.merge(candidate_id=one.pk, into_id=other.pk, **self.told)
        except merging.NotMerged:
            self.deeds.append(("refused", "", ""))

    def part(self, one: Candidate, _other: Candidate) -> None:
        merging.part(candidate_id=one.pk, **self.told)

    def fold(self, _one: Candidate, _other: Candidate) -> None:
        milestones.fold(now=self.now)
        assert milestones.recount(now=self.now) == 0, self.deeds

    def expected(self) -> dict[object, list[str]]:
        """Everybody who goes on counts once, for all that their leads reached, unless voided."""
        counts: dict[object, list[str]] = {}
        for it in Candidate.objects.all():
            leads = {it.pk, *it.merged.values_list("pk", flat=True)} - self.voided
            own = {kind for pk, kind in self.reached if pk in leads}
            is_counted = not it.merged_into_id and it.pk not in self.voided
            counts[it.pk] = sorted({"signed_up"} | own) if is_counted else []
        return counts


@pytest.mark.parametrize("seed", range(12))
def test_whatever_happens_everybody_counts_once_for_all_that_they_reached(lead, sam, link, seed):
    other = Partner.objects.create(name="Sample Nurses", slug="nurses")
    nurse = ReferralLink.objects.create(partner=other, code="nurse", label="E-mail")
    leads = [lead("Ada"), lead("Bo", organic=True), lead("Cy"), lead("Di", organic=True)]
    held = Credit.objects.get(candidate_uuid=leads[1].pk)
    Hold.objects.create(
        candidate_uuid=held.candidate_uuid, drive=held.drive, link=link, suspicion="burst",
        held_at=held.at,
    )  # fmt: skip
    crowd = Crowd(leads, [link, nurse, None], sam, Random(seed), timezone.now())

    for _ in range(40):
        crowd.do()
        lines = credits.lines_of(candidate_uuids=[it.pk for it in leads])
        found = {pk: sorted(it.holds) for pk, it in credits.standing_of(lines=lines).items()}
        assert found == crowd.expected(), crowd.deeds

    crowd.fold(*leads[:2])
    sums = [it for it in off(audited, ledger) if "uncounted" not in it]
    assert sums == [], crowd.deeds
    assert not {"people who count although they are another"} & set(off(people)), crowd.deeds
