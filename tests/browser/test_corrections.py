"""The public log of corrections, and the page on which staff make some, in a real browser."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from candidates.models import Candidate
from partners import corrections
from partners.models import Correction, Credit, User
from tests.browser.looking import SIZES, is_fine
from tests.browser.test_desk import LEADS, log_in, sam

__all__ = ["sam"]
pytestmark = pytest.mark.browser
ACTS = (
    ("voided", "duplicate", 12, -12),
    ("moved", "repaired", 1_204, 0),
    ("restored", "mistake", 1, 1),
)


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_anybody_reads_what_was_corrected(width, scheme, arrive, drive) -> None:
    corrections.forget()
    for number, (deed, cause, people, change) in enumerate(ACTS):
        Correction.objects.create(
            drive=drive, recorded_at=timezone.now() - timedelta(hours=number), deed=deed,
            cause=cause, people=people, change=change,
        )  # fmt: skip
    with arrive(width=width, color_scheme=scheme, bypass_csp=True) as ada:
        ada.goto("/corrections/")
        expect(ada.page.get_by_text("12 people count no longer")).to_be_visible()
        assert is_fine(ada, "corrections")


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_sam_takes_back_what_a_machine_sent(width, scheme, arrive, sam: User, link, drive) -> None:
    now = timezone.now()
    for name in ("Ada", "Bo"):
        email = f"{name.lower()}@example.org"
        it = Candidate.objects.create(
            first_name=name, last_name="Example", email=email, email_canonical=email,
            zip_code="60601", state="IL", office="council", timeline="next_year", language="en",
            signed_up_at=now,
        )  # fmt: skip
        Credit.objects.create(
            candidate_uuid=it.pk, drive=drive, link=link, partner=link.partner,
            kind="signed_up", counts_as="signed_up", at=now, recorded_at=now,
        )  # fmt: skip
    with arrive(width=width, color_scheme=scheme, bypass_csp=True) as sams:
        page = sams.goto("/admin/")
        log_in(page)
        sams.goto(LEADS)
        for box in page.locator("input.action-select").all():
            box.check()
        page.select_option("select[name=action]", "void_leads")
        page.get_by_role("button", name="Go").click()
        expect(page.get_by_text("2 leads")).to_be_visible()
        assert is_fine(sams, "desk-void-many")
        page.get_by_label("Why, in public").select_option("nobody")
        page.get_by_label("Reason").fill("A script sent the same name twice")
        page.get_by_role("button", name="Void credit").click()
        expect(page.get_by_text("2 leads count no longer.")).to_be_visible()
