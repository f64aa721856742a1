"""The archive of drives, looked at."""

import re

import pytest
from playwright.sync_api import expect

from partners.models import Drive
from tests.browser.conftest import Arrive
from tests.browser.looking import SIZES, is_fine
from tests.browser.test_live import HOUR, busy, links  # noqa: F401 - fixtures

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("width", "scheme"), [*SIZES, (768, "light")])
def test_the_archive_and_the_page_of_a_drive_are_fine(
    arrive: Arrive,
    busy: Drive,  # noqa: F811
    width: int,
    scheme: str,
) -> None:
    busy.milestones.filter(scope="day", target=2000).update(
        target=700, reached_at=busy.span[0] + 16 * HOUR, reached_value=700
    )
    with arrive(width, color_scheme=scheme, java_script_enabled=True) as ada:
        page = ada.goto("/drives/")
        assert is_fine(ada, "drives")
        page.get_by_role("link", name=busy.name).last.click()
        expect(page.locator("h1")).to_have_text(busy.name)
        assert is_fine(ada, "drive")
        assert is_fine_in_spanish(ada, busy)


def test_a_drive_is_printed_on_two_sheets_with_the_hours_and_their_time(
    arrive: Arrive,
    busy: Drive,  # noqa: F811
) -> None:
    with arrive(color_scheme="dark") as ada:
        page = ada.goto(f"/drives/{busy.slug}/")
        page.emulate_media(media="print")

        assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) == 2
        expect(page.locator("details table")).to_be_visible()
        expect(page.get_by_text(re.compile("As of .* by the clock of"))).to_be_visible()


def is_fine_in_spanish(ada: object, drive: Drive) -> bool:
    ada.goto(f"/es/drives/{drive.slug}/")  # type: ignore[attr-defined]
    return is_fine(ada, "drive-es")
