"""The badge in the portal and on a site of somebody else's, looked at by day and by night."""

import pytest
from playwright.sync_api import expect

from partners.models import Drive, Member, ReferralLink, User
from tests.browser.conftest import Arrive
from tests.browser.looking import SIZES, is_fine, keep
from tests.browser.test_live import busy, links  # noqa: F401 - fixtures

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_the_badge_is_shown_where_it_is_offered(
    arrive: Arrive,
    busy: Drive,  # noqa: F811
    links: list[ReferralLink],  # noqa: F811
    width: int,
    scheme: str,
) -> None:
    user = User.objects.create_user("o@example.org", "a-long-password", full_name="Olu")
    Member.objects.create(user=user, partner=links[0].partner, role=Member.Role.MANAGER)
    with arrive(width, color_scheme=scheme) as olu:
        page = olu.goto("/log-in/?next=/partners/partner-0/embed/")
        page.fill("[name=username]", user.email)
        page.fill("[name=password]", "a-long-password")
        page.click("main button[type=submit]")
        badge = page.get_by_alt_text("The badge as it is now")

        expect(badge).to_be_visible()
        page.wait_for_load_state()
        assert badge.evaluate("it => it.naturalWidth") == 320
        assert is_fine(olu, "portal-embed-badge")
        alone = olu.goto("/badge/p0.svg")
        fill = alone.evaluate("getComputedStyle(document.querySelector('.paper')).fill")
        assert fill == ("rgb(250, 246, 236)" if scheme == "light" else "rgb(21, 36, 60)")
        assert olu.noticed == []


def test_the_posters_of_shared_links_are_as_large_as_networks_ask_for(
    arrive: Arrive,
    busy: Drive,  # noqa: F811
) -> None:
    posters = {"share": "/share.png", "share-partner-es": "/share/p0.png?lang=es"}
    with arrive(1200, 630) as network:
        for name, address in posters.items():
            poster = network.goto(address)
            keep(poster, name)
            image = poster.locator("img")
            assert image.evaluate("it => [it.naturalWidth, it.naturalHeight]") == [1200, 630]
