"""Pictures for the previews of shared links: true, readable, and never drawn too often."""

import io
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.test import Client
from PIL import Image

from partners import milestones, pictures, totals
from partners.models import Drive, ReferralLink
from partners.totals import Totals
from tests.conftest import NOON
from tests.partners.test_folding import write


@pytest.fixture
def now(drive: Drive) -> Totals:
    drive.milestones.create(scope="day", target=4)
    write(drive, 2)
    milestones.fold(now=NOON)
    return totals.read(drive=drive, now=NOON)


@pytest.fixture
def drawings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Whose pictures are really drawn, in order."""
    made: list[str] = []
    draw = pictures._draw

    def noted(totals: Totals, partner: str, language: str) -> bytes:
        made.append(f"{partner}|{language}")
        return draw(totals, partner, language)

    monkeypatch.setattr(pictures, "_draw", noted)
    return made


def opened(png: bytes | None) -> Image.Image:
    assert png
    return Image.open(io.BytesIO(png)).convert("RGB")


def share_of(image: Image.Image, colour: str) -> float:
    """How much of the bar's line has this colour."""
    wanted = tuple(bytes.fromhex(colour[1:]))
    line = [image.getpixel((x, 480)) for x in range(pictures.EDGE, 1200 - pictures.EDGE)]
    return line.count(wanted) / len(line)


def test_the_bar_is_as_long_as_the_count(now: Totals) -> None:
    image = opened(pictures.draw(totals=now, language="en"))

    assert image.size == (1200, 630)
    assert share_of(image, pictures.PROGRESS) == pytest.approx(0.5, abs=0.01)


def test_before_the_day_the_bar_tells_what_was_there_before(drive: Drive, now: Totals) -> None:
    drive.milestones.create(scope="cumulative", target=25_970)
    before = totals.read(drive=drive, now=NOON - timedelta(days=2))

    image = opened(pictures.draw(totals=before, language="es"))

    assert share_of(image, pictures.EARLIER) == pytest.approx(0.5, abs=0.01)


def test_it_is_drawn_once_a_minute_for_each_partner_and_language(
    now: Totals, drawings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for _again in range(5):
        for partner in ("", "Nurses"):
            for language in ("en", "es"):
                pictures.draw(totals=now, partner=partner, language=language)
    assert sorted(drawings) == ["Nurses|en", "Nurses|es", "|en", "|es"]

    clock = time.monotonic() + pictures.KEPT_SECONDS
    monkeypatch.setattr(time, "monotonic", lambda: clock)
    pictures.draw(totals=now, language="en")
    assert len(drawings) == 5


def test_twenty_who_ask_at_once_have_it_drawn_once(now: Totals, drawings: list[str]) -> None:
    with ThreadPoolExecutor(8) as crowd:
        asked = [crowd.submit(pictures.draw, totals=now, language="en") for _ in range(20)]

    assert len({it.result() for it in asked}) == len(drawings) == 1


def test_a_flood_of_partners_gets_the_picture_of_the_drive(
    now: Totals, drawings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "MOST_A_MINUTE", 3)
    monkeypatch.setattr(pictures, "MOST_KEPT", 2)
    plain = pictures.draw(totals=now, language="en")

    answers = [pictures.draw(totals=now, partner=f"No. {it}", language="en") for it in range(9)]

    assert drawings == ["|en", "No. 0|en", "No. 1|en", "No. 2|en"]
    assert answers[3:] == [plain] * 6
    assert len(pictures._pictures._kept) == 2


def test_it_is_served_to_any_site_and_kept_for_a_minute(
    client: Client, drive: Drive, link: ReferralLink
) -> None:
    for address in ("/share.png", "/share/teach-ig.png?lang=es", "/share/nobodys.png"):
        response = client.get(address)

        assert (response.status_code, response["Content-Type"]) == (200, "image/png")
        assert response["Cache-Control"].startswith("public, max-age=60, ")
        assert len(response.content) < 100_000


def test_it_costs_no_query_once_it_was_read(
    client: Client, drive: Drive, link: ReferralLink, django_assert_num_queries
) -> None:
    client.get("/share/teach-ig.png")

    with django_assert_num_queries(0):
        client.get("/share/teach-ig.png")


@pytest.mark.parametrize("name", ["Łódź ⁂ Ünïon", "☃" * 60, "W" * 120])
def test_no_name_breaks_it(now: Totals, name: str) -> None:
    assert opened(pictures.draw(totals=now, partner=name, language="en"))


@pytest.mark.parametrize(
    ("page", "picture"),
    [
        ("/", "/share.png?lang=en"),
        ("/es/", "/share.png?lang=es"),
        ("/?ref=teach-ig", "/share/teach-ig.png?lang=en"),
        ("/live/", "/share.png?lang=en"),
        ("/drives/", "/share.png?lang=en"),
        ("/drives/day-2026/", "/drives/day-2026/share.png?lang=en"),
    ],
)
def test_pages_name_their_picture(
    client: Client, now: Totals, link: ReferralLink, settings, page: str, picture: str
) -> None:
    html = client.get(page).content.decode()

    assert f'<meta property="og:image" content="{settings.BASE_URL}{picture}' in html
    assert client.get(picture).status_code == 200
