"""A milestone that a correction reached was reached when somebody corrected, and is news then."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from candidates.audit import targets
from partners import credits, digests, hooks, milestones
from partners.models import Credit, Drive, Endpoint, Hold, Letter, Milestone, ReferralLink, User
from partners.models.hooks import Event
from tests.partners.test_folding import write

NOW = timezone.now()
DAYS = timedelta(days=3)
SIGNED_UP = NOW - DAYS


@pytest.fixture
def goal(drive: Drive, link: ReferralLink) -> Milestone:
    return drive.milestones.create(scope="cumulative", target=1, partner=link.partner)


@pytest.fixture
def somebody(drive: Drive) -> Credit:
    """Signed up three days ago, and is credited to nobody."""
    write(drive, 1, at=SIGNED_UP, recorded_at=SIGNED_UP)
    milestones.fold(now=SIGNED_UP)
    return Credit.objects.get()


@pytest.fixture
def held(somebody: Credit, drive: Drive, link: ReferralLink) -> Hold:
    return Hold.objects.create(
        candidate_uuid=somebody.candidate_uuid,
        drive=drive,
        link=link,
        suspicion=Hold.Suspicion.BURST,
        held_at=SIGNED_UP,
    )


@pytest.fixture
def correct(
    somebody: Credit, held: Hold, link: ReferralLink, staffer: User
) -> Callable[[str], None]:
    """Do what a colleague does today, and fold it."""

    def correct(deed: str) -> None:
        words = {"author": staffer, "now": NOW}
        theirs = {"candidate_uuids": [somebody.candidate_uuid], "reason": "theirs", **words}
        if deed == "released":
            credits.release(hold_ids=[held.pk], **words)
        else:
            credits.reassign(link=link, **theirs)
        milestones.fold(now=NOW)

    return correct


@pytest.mark.parametrize("deed", ["released", "reassigned"])
def test_a_partners_goal_is_reached_when_the_credit_comes(
    goal: Milestone, correct: Callable[[str], None], deed: str
) -> None:
    correct(deed)

    goal.refresh_from_db()
    assert (goal.reached_at, goal.reached_by.at) == (NOW, SIGNED_UP)
    assert all(it.is_ok for it in targets.always() if "right line" in it.name)


def test_members_and_their_endpoints_are_told_of_it(
    goal: Milestone, correct: Callable[[str], None], link: ReferralLink, organiser: User
) -> None:
    yesterday = NOW - timedelta(days=1)
    hooks.make(
        partner=link.partner,
        address="https://hooks.example.org/recruit",
        dialect=Endpoint.Dialect.SIGNED,
        kinds=[Event.MILESTONE_REACHED],
        author=organiser,
        language="en",
        now=yesterday,
    )
    correct("released")

    owed = digests.owe_goals(now=NOW)
    planned = hooks.plan(planners=hooks.PLANNERS, now=NOW)

    assert (owed, planned) == (1, 1)
    assert Letter.objects.get(kind=Letter.Kind.GOAL).facts["milestone"] == goal.pk


def test_a_milestone_of_the_day_is_reached_when_somebody_is_restored(
    drive: Drive, somebody: Credit, staffer: User
) -> None:
    Drive.objects.filter(pk=drive.pk).update(day_on=SIGNED_UP.date() - timedelta(days=1))
    Drive.objects.filter(pk=drive.pk).update(last_day_on=NOW.date())
    words = {"candidate_uuids": [somebody.candidate_uuid], "reason": "x", "author": staffer}
    credits.void(now=SIGNED_UP, **words)
    milestones.fold(now=SIGNED_UP + timedelta(minutes=1))
    of_the_day = drive.milestones.create(scope="day", target=1)

    credits.restore(now=NOW, **words)
    milestones.fold(now=NOW + timedelta(minutes=1))

    of_the_day.refresh_from_db()
    assert of_the_day.reached_at == NOW
