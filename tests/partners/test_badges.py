"""The badge: the count as a picture for any site."""

from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest
from django.test import Client

from partners import badges, milestones, totals
from partners.models import Drive, Partner, ReferralLink
from partners.snippets import Choice
from tests.conftest import NOON
from tests.partners.test_folding import write

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def at_noon(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> Drive:
    """Half of the goal has come; the site's clock stands at noon of the day."""
    drive.milestones.create(scope="day", target=4)
    drive.milestones.create(scope="cumulative", target=15_000)
    write(drive, 2)
    milestones.fold(now=NOON)
    now = totals.read(drive=drive, now=NOON)
    monkeypatch.setattr(totals, "public", lambda **_: now)
    return drive


def drawn(client: Client, address: str) -> ET.Element:
    return ET.fromstring(client.get(address).content)


@pytest.mark.parametrize(
    ("address", "title", "desc"),
    [
        ("/badge.svg", "Hands raised today: 2", "National Run for Office Day, of 4"),
        (
            "/badge/teach-ig.svg?lang=es",
            "Manos levantadas hoy: 2",
            "National Run for Office Day, de 4. con Example Teachers Alliance",
        ),
        ("/badge/nobodys.svg", "Hands raised today: 2", "National Run for Office Day, of 4"),
        ("/drives/day-2026/badge.svg", "Hands raised today: 2", None),
    ],
)
def test_it_says_in_words_what_it_shows(
    client: Client, at_noon: Drive, link: ReferralLink, address: str, title: str, desc: str | None
) -> None:
    svg = drawn(client, address)

    assert svg.findtext(f"{SVG}title") == title
    assert desc is None or svg.findtext(f"{SVG}desc") == desc
    bar = svg.findall(f"{SVG}rect[@class='bar']")[-1]
    assert bar.get("width") == str(badges.BAR // 2)


def test_before_the_day_it_shows_all_so_far(drive: Drive) -> None:
    now = totals.read(drive=drive, now=NOON - timedelta(days=3))

    svg = ET.fromstring(badges.draw(totals=now, language="en"))

    assert svg.findtext(f"{SVG}title") == "Hands raised so far: 12,985"


def test_any_site_may_show_it_and_a_front_cache_may_keep_it(client: Client, at_noon: Drive) -> None:
    response = client.get("/badge.svg")

    assert response["Content-Type"] == "image/svg+xml"
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert response["Cache-Control"].startswith("public, max-age=10, stale-while-revalidate")
    assert "unsafe" not in response["Content-Security-Policy"]
    assert not response.cookies


def test_a_name_with_angles_stays_a_name_and_a_long_one_stays_inside(
    client: Client, at_noon: Drive, link: ReferralLink
) -> None:
    Partner.objects.update(name="<script>alert(1)</script> & a very long name of a partner")

    badge = drawn(client, "/badge/teach-ig.svg")

    texts = [it.text or "" for it in badge.iter(f"{SVG}text")]
    assert texts[-1] == "with <script>alert(1)</script> & a very lo…"
    assert badge.find(f"{SVG}desc").text.endswith("& a very long name of a partner")


def test_it_costs_no_query_once_it_was_read_and_an_unknown_drive_is_404(
    client: Client, drive: Drive, link: ReferralLink, django_assert_num_queries
) -> None:
    client.get("/badge/teach-ig.svg")
    client.get("/drives/")

    with django_assert_num_queries(0):
        assert client.get("/badge/teach-ig.svg").status_code == 200
        assert client.get("/drives/none-such/badge.svg").status_code == 404
        assert client.get("/drives/none-such/share.png").status_code == 404


def test_the_line_to_paste_leads_through_the_partners_link(settings) -> None:
    line = Choice(code="teach-ig", label="Bio", is_spanish=True).badge_line

    assert line == (
        f'<a href="{settings.BASE_URL}/r/teach-ig">'
        f'<img src="{settings.BASE_URL}/badge/teach-ig.svg?lang=es"'
        ' alt="Levanta la mano para postularte a un cargo público" width="320" height="76"></a>'
    )
