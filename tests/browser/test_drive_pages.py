"""The page of a drive, and that of what had drifted, in a real browser."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from partners import milestones
from partners.models import Drive, Total, User
from tests.browser.looking import SIZES, arrived, fits, is_fine, keep
from tests.browser.test_desk import log_in, sam
from tests.partners.test_folding import write

__all__ = ["sam"]
pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_sam_sets_the_next_milestone_and_sees_what_had_drifted(
    width: int, scheme: str, arrive, sam: User, drive: Drive
) -> None:
    drive.milestones.all().delete()
    write(drive, 3, state="OH", at=timezone.now())
    milestones.fold(now=timezone.now())
    Total.objects.update(value=9)
    milestones.recount(now=timezone.now())

    with arrive(width=width, color_scheme=scheme, bypass_csp=True) as sams:
        log_in(sams.goto("/admin/"))
        expect(sams.page.get_by_text("The totals had drifted")).to_be_visible()
        sams.page.get_by_role("link", name="See which").click()
        expect(sams.page.get_by_role("heading", name="What had drifted")).to_be_visible()
        assert is_fine(sams, "desk-recount")
        sams.goto(f"/admin/partners/drive/{drive.pk}/change/")
        arrived(sams.page)
        keep(sams.page, "desk-drive-next")  # Django's table of milestones has an empty heading
        assert fits(sams.page)
        sams.page.get_by_role("button", name="Set 15,000").click()
        expect(sams.page.get_by_text("The next milestone is 15,000 in all.")).to_be_visible()


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_sam_is_asked_before_a_milestone_is_announced(
    width: int, scheme: str, arrive, sam: User, drive: Drive
) -> None:
    drive.milestones.create(scope="day", target=2)
    write(drive, 3, at=timezone.now())
    milestones.fold(now=timezone.now())

    with arrive(width=width, color_scheme=scheme, bypass_csp=True) as sams:
        log_in(sams.goto("/admin/"))
        page = sams.goto(f"/admin/partners/drive/{drive.pk}/change/")
        assert page.locator("[name$=-target]:disabled").count() == 1
        page.get_by_label("Counted before this drive").fill("129500")
        page.get_by_label("Where that number is from").fill("The list of 2025")
        page.get_by_role("button", name="Save", exact=True).click()

        box = page.get_by_label("Yes, announce now: 15,000 in all")
        expect(box).not_to_be_checked()
        arrived(page)
        keep(page, "desk-drive-sure")
        assert fits(page)
        box.check()
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_text("was changed successfully")).to_be_visible()
        page = sams.goto("/corrections/")
        keep(page, "corrections-baseline")
        expect(page.get_by_text("is 129,500 now, and was 12,950")).to_be_visible()
        assert fits(page)
