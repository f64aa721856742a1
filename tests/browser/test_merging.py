"""Sam finds out that two leads are one person, in a real browser."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from candidates.models import Candidate
from partners.models import Credit, User
from tests.browser.looking import SIZES, is_fine
from tests.browser.test_desk import LEADS, log_in, sam

__all__ = ["sam"]
pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_sam_merges_two_leads_and_parts_them(width, scheme, arrive, sam: User, drive) -> None:
    people = {}
    for name in ("Ada", "Ada-Maria"):
        email, now = f"{name.lower()}@example.org", timezone.now()
        people[name] = it = Candidate.objects.create(
            first_name=name, last_name="Example", email=email, email_canonical=email,
            zip_code="60601", state="IL", office="council", timeline="next_year", language="en",
            signed_up_at=now,
        )  # fmt: skip
        Credit.objects.create(
            candidate_uuid=it.pk, drive=drive, kind="signed_up", counts_as="signed_up", at=now,
            recorded_at=now,
        )  # fmt: skip
    with arrive(width=width, color_scheme=scheme, bypass_csp=True) as sams:
        page = sams.goto("/admin/")
        log_in(page)
        sams.goto(f"{LEADS}{people['Ada-Maria'].pk}/change/")
        page.get_by_role("link", name="Signed up twice?").click()
        page.get_by_label("Find a lead").fill("ada")
        page.get_by_role("button", name="Find").click()
        assert is_fine(sams, "desk-same-person")
        page.get_by_role("link", name="Ada Example").click()
        assert is_fine(sams, "desk-merge")
        words = page.locator(".pair tbody td").first
        assert words.evaluate("it => getComputedStyle(it).textAlign") in ("left", "start")
        page.get_by_label("Reason").fill("She told us at the call")
        page.get_by_role("button", name="Merge two leads").click()
        expect(page.get_by_text("They are one person now")).to_be_visible()
        page.get_by_role("link", name="Ada-Maria Example").click()
        assert is_fine(sams, "desk-merged")
        expect(page.get_by_role("heading", name="Credit")).to_have_count(0)
        page.get_by_role("link", name="They are two people").click()
        page.get_by_label("Reason").fill("Twins")
        page.get_by_role("button", name="Part two leads").click()
        expect(page.get_by_text("They are two people again.")).to_be_visible()
