"""Staff write to those on their way, in a real browser: a step, its words, a look at the mail."""

from datetime import UTC, datetime

import pytest
from django.conf import settings
from playwright.sync_api import expect

from candidates.models import FollowUp, Sequence, Step
from partners.models import User
from tests.browser.looking import SIZES, is_fine, tab_to
from tests.browser.test_desk import leads as leads
from tests.browser.test_desk import log_in
from tests.browser.test_desk import sam as sam

pytestmark = pytest.mark.browser
LIST = "/admin/candidates/sequence/"
HOST = settings.BASE_URL
NOON = datetime(2040, 1, 2, 17, tzinfo=UTC)
LONG = "Congratulations on a rather long headline that nobody would write but somebody will"


def text_of(slug: str, number: int) -> str:
    step = Step.objects.get(sequence__slug=slug, number=number)
    return f"{LIST}{step.sequence_id}/steps/{step.pk}/text/"


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_every_page_of_a_sequence_can_be_read_by_everyone(
    width: int, scheme: str, arrive, sam: User, leads
) -> None:
    welcome = Sequence.objects.get(slug="welcome")
    step = welcome.steps.get(number=2)
    at = f"{LIST}{welcome.pk}/"
    with arrive(width=width, color_scheme=scheme, bypass_csp=True) as sams:
        log_in(sams.goto("/admin/"))
        for name, address in {
            "desk-sequence-list": LIST,
            "desk-sequence-new": f"{LIST}add/",
            "desk-sequence": f"{at}change/",
            "desk-sequence-step": f"{at}steps/{step.pk}/",
            "desk-sequence-add-step": f"{at}steps/add/",
            "desk-sequence-remove-step": f"{at}steps/{step.pk}/remove/",
            "desk-sequence-withdraw": f"{at}steps/{step.pk}/text/withdraw/?language=es&partner=",
        }.items():
            page = sams.goto(address)
            folded = page.locator("#content details:not([open]) > summary")
            while folded.count():
                folded.first.click()
            assert is_fine(sams, name)
        page.get_by_role("button", name="Withdraw these words").click()
        expect(page.get_by_role("heading", name="Version 2 withdrawn")).to_be_visible()
        assert is_fine(sams, "desk-sequence-withdrawn")


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_sam_looks_at_whose_mail_moves(width: int, scheme: str, arrive, sam: User, leads) -> None:
    welcome = Sequence.objects.get(slug="welcome")
    third, fourth = welcome.steps.filter(number__in=(3, 4)).order_by("number")
    for lead in leads:
        FollowUp.objects.create(
            candidate=lead, step=third, lane=1, anchor_at=NOON, due_at=NOON + third.delay
        )
    with arrive(width=width, color_scheme=scheme, bypass_csp=True) as sams:
        log_in(sams.goto("/admin/"))
        page = sams.goto(f"{LIST}{welcome.pk}/steps/{third.pk}/")
        page.get_by_label("and hours").fill("5")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("wait at this step")
        assert is_fine(sams, "desk-sequence-shift")
        page.get_by_role("button", name="Save, and move their mail").click()
        expect(page.get_by_text("moved to their new time")).to_be_visible()

        page = sams.goto(f"{LIST}{welcome.pk}/change/")
        page.get_by_role("button", name=f"Move {fourth.name} earlier").click()
        expect(page.get_by_text("They get Ten conversations first")).to_be_visible()
        assert is_fine(sams, "desk-sequence-move")
        page.get_by_role("button", name="Let them exchange places").click()
        expect(page.get_by_text("Moved: Ten conversations")).to_be_visible()


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_sam_mends_looks_and_keeps(width: int, scheme: str, arrive, sam: User, leads) -> None:
    with arrive(width=width, color_scheme=scheme, bypass_csp=True) as sams:
        log_in(sams.goto("/admin/"))
        page = sams.goto(text_of("welcome", 1) + "?language=en&partner=")
        body = page.get_by_label("Text:")
        right = body.input_value()
        body.fill(right.replace("{first_name|", "{fist_name|"))
        page.get_by_role("button", name="Save as a new version").click()
        expect(page.get_by_text("Did you mean {first_name}?")).to_be_visible()
        assert is_fine(sams, "desk-sequence-faults")

        page.get_by_label("Text:").fill(right.replace("# ", f"# {LONG} ", 1))
        page.get_by_role("button", name="Preview").click()
        mail = page.frame_locator("iframe").first
        expect(mail.get_by_role("heading", name=LONG)).to_be_visible()
        assert is_fine(sams, "desk-sequence-words")

        page.get_by_role("button", name="Save as a new version").click()
        expect(page.get_by_text("version 2 leaves now")).to_be_visible()
        page.get_by_role("link", name="All versions").click()
        assert is_fine(sams, "desk-sequence-versions")
        page.get_by_role("button", name="Use version 1 again").click()
        expect(page.get_by_role("heading", name="Version 3")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_mail_in_a_frame_looks_like_a_mail_and_leads_nowhere(
    scripts: bool, arrive, sam: User, leads
) -> None:
    with arrive(java_script_enabled=scripts) as sams:
        log_in(sams.goto("/admin/"))
        page = sams.goto(text_of("confirmation", 1) + "?language=en&partner=")
        page.get_by_role("button", name="Preview").click()
        mail = page.frame_locator("iframe").first
        button = mail.locator(".button a")
        expect(button).to_have_attribute("href", f"{HOST}/confirm/preview/")
        expect(mail.locator("h1")).to_have_css("font-weight", "800")
        button.click(force=True)
        assert page.locator("iframe").count() == 4
        expect(mail.locator("h1")).to_be_visible()

    assert sams.noticed == []


def test_sam_switches_a_sequence_off_and_moves_a_step_by_keyboard_alone(
    arrive, sam: User, leads
) -> None:
    welcome = Sequence.objects.get(slug="welcome")
    with arrive() as sams:
        log_in(sams.goto("/admin/"))
        page = sams.goto(f"{LIST}{welcome.pk}/change/")
        tab_to(page, "Switch off")
        page.keyboard.press("Enter")
        expect(page.get_by_text("Switched off.")).to_be_visible()
        page.get_by_role("button", name="Move Your why earlier").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_text("Moved: Your why")).to_be_visible()

    names = welcome.steps.order_by("number").values_list("name", flat=True)
    assert list(names)[1:3] == ["Your why", "Your office and your date"]
