"""The war room in a real browser: on the big screen and on a phone, well and in trouble."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from candidates.models import Candidate
from partners.models import Drive, StateTally, Tally, User
from recruit import errors
from tests.browser.looking import SIZES, is_fine
from tests.browser.test_desk import log_in, sam

__all__ = ["sam"]
pytestmark = pytest.mark.browser
PAGE = "/admin/candidates/candidate/war-room/"
DAY = (0, 2, 1, 0, 0, 4, 31, 80, 122, 140, 96, 118, 131, 104, 92, 88, 97, 120, 160, 210, 190)


@pytest.fixture
def day(drive: Drive) -> Drive:
    """A day until now beside last year's, which came more slowly."""
    begin, _end = drive.span_of(drive.day_on)
    last = Drive.objects.create(
        name="Office Day last year",
        slug="last",
        day_on=drive.day_on - timedelta(days=365),
        opens_at=begin - timedelta(days=400),
    )
    for number, count in enumerate(DAY):
        at = begin + timedelta(hours=number)
        before = last.span_of(last.day_on)[0] + timedelta(hours=number)
        Tally.objects.create(drive=last, kind="signed_up", hour_at=before, value=count * 2 // 3)
        if at < timezone.now():
            Tally.objects.create(drive=drive, kind="signed_up", hour_at=at, value=count)
    came = sum(Tally.objects.filter(drive=drive).values_list("value", flat=True))
    StateTally.objects.create(drive=drive, kind="signed_up", day_on=drive.day_on, value=came)
    return drive


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_sam_watches_the_day(width, scheme, arrive, sam: User, day, redis) -> None:
    errors._Rest.until = 0.0
    errors.note(errors.Kind.ERROR)
    with arrive(width=width, color_scheme=scheme, bypass_csp=True) as sams:
        log_in(sams.goto("/admin/"))
        sams.goto(f"{PAGE}?still")
        expect(sams.page.get_by_text("1 page failed in the last 10 minutes.")).to_be_visible()
        expect(sams.page.get_by_text("Every hour as a table")).to_be_visible()
        assert is_fine(sams, "desk-war-room")


def test_the_first_day_of_all_has_nothing_to_learn_from(arrive, sam: User, drive, redis) -> None:
    Candidate.objects.all().delete()
    with arrive(bypass_csp=True) as sams:
        log_in(sams.goto("/admin/"))
        sams.goto(PAGE)
        words = "Too little yet to say where the day is heading"
        expect(sams.page.get_by_text(words)).to_be_visible()
        assert is_fine(sams, "desk-war-room-empty")
