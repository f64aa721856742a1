"""How far a partner's people go, and what share of them goes on, in words."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from partners import dashboard, milestones
from partners.dashboard import Counts, funnel
from partners.models import Credit, Drive, VisitTally

KINDS = ("signed_up", "confirmed", "call_attended", "screened", "filed", "endorsed")


@pytest.fixture
def now(drive):
    """Make the drive the current one, whatever day it is."""
    now = timezone.now()
    Drive.objects.filter(id=drive.id).update(
        opens_at=now - timedelta(days=20), day_on=now.astimezone(drive.zone).date()
    )
    drive.refresh_from_db()
    return now


@pytest.fixture
def people(drive, link, now):
    """Twenty visitors, of whom one less takes each further step than took the one before."""
    VisitTally.objects.create(
        link=link, hour_at=now.replace(minute=0, second=0, microsecond=0), unique=20
    )
    for step, kind in enumerate(KINDS):
        for _one in range(10 - step):
            Credit.objects.create(
                candidate_uuid=uuid.uuid4(),
                drive=drive,
                link=link,
                partner=link.partner,
                kind=kind,
                counts_as=kind,
                amount=1,
                state="OH",
                office="council",
                at=now,
                recorded_at=now,
            )
    milestones.fold(now=now)


def test_every_step_is_counted_from_the_visit_to_the_endorsement(drive, river, people, now):
    seen = dashboard.read(partner=river, drive=drive, now=now)

    assert seen.total.steps == (20, 10, 9, 8, 7, 6, 5)


def test_the_page_says_each_step_and_its_share_in_words(as_olga, people):
    page = as_olga.get("/partners/river-valley/").content.decode()

    for words in (
        "Visited",
        "50% of those who visited",
        "90% of those who signed up",
        "89% of those who confirmed",
        "88% of those who came to a call",
        "86% of those who were screened",
        "83% of those who filed",
        "Were endorsed",
    ):
        assert words in page


def test_the_page_names_offices_by_their_names_and_says_at_least(as_olga, people):
    page = as_olga.get("/partners/river-valley/").content.decode()

    assert "City or town council" in page
    assert "at least 10" in page
    assert "All others together are not told apart" in page


def test_with_nobody_yet_there_is_no_share_and_no_place(as_olga, now, link):
    page = as_olga.get("/partners/river-valley/").content.decode()

    assert "of those who" not in page
    assert "Nothing to show yet." in page


def test_channels_have_a_table(as_olga, people):
    page = as_olga.get("/partners/river-valley/").content.decode()

    assert "By channel" in page
    assert '<th scope="row">E-mail <span class="muted">1 link</span></th>' in page


@pytest.mark.parametrize(
    ("before", "count", "said"),
    [
        (0, 0, ""),
        (4, 0, "0% of those who visited"),
        (1000, 1, "1% of those who visited"),
        (1000, 999, "99% of those who visited"),
        (4, 4, "100% of those who visited"),
        (3, 4, ""),
    ],
)
def test_a_share_is_never_nothing_for_somebody_nor_all_for_less(before, count, said):
    steps = funnel.read(counts=Counts(visits=before, sign_ups=count))

    assert steps[1].rate == said
