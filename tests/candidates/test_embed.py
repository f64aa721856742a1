"""The sign-up form on a partner's own site: who may show it, and to whom a sign-up is credited."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from candidates import signup
from candidates.models import Candidate
from candidates.views import embed
from partners import embedding, links, touches, visits
from partners.models import Credit, Drive, Partner, ReferralLink
from partners.touches import Touch
from recruit.away import AWAY
from tests.conftest import IPHONE

SITE = "https://teachers.example.org"
IN_FRAME = {"HTTP_SEC_FETCH_DEST": "iframe", "HTTP_USER_AGENT": IPHONE}
PAGES = ("/embed/teach-ig/", "/embed/teach-ig/thanks/", "/embed/teach-ig/thermometer/")


@pytest.fixture
def at_home(link: ReferralLink) -> ReferralLink:
    """The partner has said on which site of its own the form may stand."""
    embedding.allow(partner=link.partner, origins=[SITE])
    return link


def ancestors(response: object) -> str:
    policy: str = response["Content-Security-Policy"]  # type: ignore[index]
    (found,) = (part for part in policy.split("; ") if part.startswith("frame-ancestors"))
    return found.removeprefix("frame-ancestors ")


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["", "/es"])
def test_the_partners_sites_may_frame_it_and_nobody_else(
    client: Client, drive: Drive, at_home: ReferralLink, page: str, language: str
) -> None:
    response = client.get(language + page)

    assert (response.status_code, ancestors(response)) == (200, SITE)
    assert "X-Frame-Options" not in response
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert not response.cookies


@pytest.mark.parametrize("page", PAGES)
def test_a_site_that_was_not_allowed_gets_a_way_to_the_form_and_no_form(
    only_we_flush: None, client: Client, drive: Drive, at_home: ReferralLink, page: str
) -> None:
    stranger = IN_FRAME | {"HTTP_REFERER": "https://nurses.example.org/"}

    response = client.get(page, **stranger)

    shown = response.content.decode()
    assert (response.status_code, ancestors(response)) == (200, "https://nurses.example.org")
    assert "no-store" in response["Cache-Control"]
    assert 'href="/r/teach-ig"' in shown
    assert "<form" not in shown
    assert "<input" not in shown
    assert noted() == []


@pytest.mark.parametrize(
    "referer", [f"{SITE}/", "http://localhost/embed/teach-ig/", "", "http://x.example", "a; b"]
)
def test_whoever_is_allowed_or_hides_gets_the_page_itself(
    client: Client, drive: Drive, at_home: ReferralLink, referer: str
) -> None:
    response = client.get(PAGES[0], **IN_FRAME, HTTP_REFERER=referer, HTTP_HOST="localhost")

    assert ancestors(response) == SITE
    assert "<form" in response.content.decode()


def test_whoever_follows_a_link_of_another_site_to_the_page_itself_gets_the_form(
    client: Client, drive: Drive, at_home: ReferralLink
) -> None:
    person = {"HTTP_SEC_FETCH_DEST": "document", "HTTP_REFERER": "https://nurses.example.org/"}

    assert ancestors(client.get(PAGES[0], **person)) == SITE


@pytest.mark.parametrize("page", PAGES)
def test_without_a_site_nobody_may(
    client: Client, drive: Drive, link: ReferralLink, page: str
) -> None:
    response = client.get(page)

    assert (ancestors(response), response["X-Frame-Options"]) == ("'none'", "DENY")


def test_what_one_partner_allows_allows_nothing_to_another(
    client: Client, drive: Drive, at_home: ReferralLink
) -> None:
    nurses = Partner.objects.create(name="Example Nurses", slug="nurses")
    ReferralLink.objects.create(partner=nurses, code="nurse", label="Ward")

    assert ancestors(client.get("/embed/nurse/")) == "'none'"


@pytest.mark.parametrize("page", ["/", "/thanks/", "/live/", "/privacy/", "/r/teach-ig"])
def test_no_other_page_may_be_framed(
    client: Client, drive: Drive, at_home: ReferralLink, page: str
) -> None:
    response = client.get(page + "?link=teach-ig&preview")

    assert (ancestors(response), response["X-Frame-Options"]) == ("'none'", "DENY")


def test_a_preview_may_be_framed_by_ourselves_alone(
    client: Client, drive: Drive, at_home: ReferralLink
) -> None:
    assert ancestors(client.get("/embed/teach-ig/?preview")) == "http://testserver"


def test_staff_who_write_nonsense_into_the_column_open_no_door(
    client: Client, drive: Drive, link: ReferralLink
) -> None:
    link.partner.embed_origins = f"*\nhttps://*.org\n{SITE}; script-src *\n'self'\n{SITE}\nhttp:"
    link.partner.save()

    assert ancestors(client.get("/embed/teach-ig/")) == SITE


def test_a_sign_up_is_credited_to_the_link_of_the_address(
    client: Client, drive: Drive, at_home: ReferralLink, form_of_ada: dict[str, str]
) -> None:
    response = client.post("/embed/teach-ig/", form_of_ada)

    assert (response.status_code, response["Location"]) == (302, "/embed/teach-ig/thanks/")
    assert not response.cookies
    assert Credit.objects.get().link == at_home
    touch = Candidate.objects.get().touches.get()
    assert (touch.raw_code, touch.sub_source, touch.link_id) == ("teach-ig", "embed", at_home.id)


def test_a_cookie_of_another_partner_changes_nothing(
    client: Client, drive: Drive, at_home: ReferralLink, form_of_ada: dict[str, str]
) -> None:
    """Where the partner's site is a neighbour of ours, browsers send the cookie along."""
    nurses = Partner.objects.create(name="Example Nurses", slug="nurses")
    ReferralLink.objects.create(partner=nurses, code="nurse", label="Ward")
    client.get("/r/nurse")
    drive.attribution = Drive.Attribution.FIRST
    drive.save()

    page = client.get("/embed/teach-ig/").content.decode()
    client.post("/embed/teach-ig/", form_of_ada)

    assert "Example Teachers Alliance" in page
    assert "Example Nurses" not in page
    assert Credit.objects.get().link == at_home
    assert Candidate.objects.get().touches.count() == 1
    assert [it.raw_code for it in _kept_by(client)] == ["nurse"]


def _kept_by(client: Client) -> list[Touch]:
    request = client.get("/").wsgi_request
    return touches.read(request)


@pytest.mark.parametrize(("box", "shared"), [("on", 1), ("{id}", 1), ("999", 0), (None, 0)])
def test_sharing_is_agreed_to_with_the_partner_that_the_box_names(
    client: Client,
    drive: Drive,
    at_home: ReferralLink,
    form_of_ada: dict[str, str],
    box: str | None,
    shared: int,
) -> None:
    ticked = {"share_consent": box.format(id=at_home.partner_id)} if box else {}

    client.post("/embed/teach-ig/", form_of_ada | ticked)

    consents = Candidate.objects.get().consents.filter(partner_id=at_home.partner_id)
    assert consents.count() == shared


def test_what_was_typed_is_still_there_beside_what_to_mend(
    client: Client, drive: Drive, at_home: ReferralLink, form_of_ada: dict[str, str]
) -> None:
    response = client.post("/es/embed/teach-ig/", form_of_ada | {"zip_code": "1"})

    page = response.content.decode()
    assert (response.status_code, ancestors(response)) == (422, SITE)
    assert "Buses that come." in page
    assert 'id="errors"' in page
    assert 'action="' not in page
    assert not Candidate.objects.exists()


@pytest.mark.parametrize("trouble", AWAY)
def test_while_postgresql_is_away_nothing_typed_is_lost(
    client: Client,
    drive: Drive,
    at_home: ReferralLink,
    form_of_ada: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    trouble: type[Exception],
) -> None:
    def fail(**_: object) -> None:
        raise trouble

    monkeypatch.setattr(signup, "sign_up", fail)
    response = client.post("/embed/teach-ig/", form_of_ada)

    assert (response.status_code, ancestors(response)) == (503, SITE)
    assert "Buses that come." in response.content.decode()


def test_a_known_person_gets_the_same_answer(
    client: Client, drive: Drive, at_home: ReferralLink, form_of_ada: dict[str, str]
) -> None:
    first, second = (client.post("/embed/teach-ig/", form_of_ada) for _ in range(2))

    assert (first.status_code, dict(first.headers)) == (second.status_code, dict(second.headers))
    assert Credit.objects.count() == 1


def test_a_link_that_was_switched_off_still_works(
    client: Client, drive: Drive, at_home: ReferralLink, form_of_ada: dict[str, str]
) -> None:
    at_home.switched_off_at = timezone.now() - timedelta(days=1)
    at_home.save()

    assert ancestors(client.get("/embed/teach-ig/")) == SITE
    client.post("/embed/teach-ig/", form_of_ada)
    assert Credit.objects.get().link == at_home


def test_an_unknown_code_is_told_kept_and_organic(
    client: Client, drive: Drive, form_of_ada: dict[str, str]
) -> None:
    page = client.get("/embed/teech-ig/")
    client.post("/embed/teech-ig/", form_of_ada)

    assert (page.status_code, ancestors(page)) == (200, "'none'")
    assert "has this code" in page.content.decode()
    assert Credit.objects.get().link is None
    assert Candidate.objects.get().touches.get().raw_code == "teech-ig"


def noted() -> list[str]:
    return [arrival.not_human for arrival in visits._waiting]


def test_a_person_whose_browser_loads_the_frame_is_a_visit(
    only_we_flush: None, client: Client, drive: Drive, at_home: ReferralLink
) -> None:
    client.get("/embed/teach-ig/", **IN_FRAME)

    assert noted() == [""]


def test_the_blank_page_comes_from_memory_and_is_nobody_elses(
    only_we_flush: None, client: Client, drive: Drive, at_home: ReferralLink, monkeypatch
) -> None:
    nurses = Partner.objects.create(name="Example Nurses", slug="nurses")
    ReferralLink.objects.create(partner=nurses, code="nurse", label="Ward")
    pages = ["/embed/nurse/", "/es/embed/nurse/", "/embed/nobody/", "/embed/noone/"]
    pages += [PAGES[0], f"{PAGES[0]}?preview"]
    first = [client.get(page).content for page in pages]
    embed._pages.forget()
    alone = [client.get(page).content for page in reversed(pages)][::-1]
    monkeypatch.setattr(embed, "render", None)

    again = [client.get(page, **IN_FRAME).content for page in pages]

    assert again == alone == first
    assert len(set(again)) == len(pages)
    assert len(noted()) == 3 * 3  # of a code that nobody has, and of a preview, there is none


def test_a_new_site_and_a_new_name_are_in_the_page_at_once(
    client: Client, drive: Drive, at_home: ReferralLink
) -> None:
    assert f'data-origins="{SITE}"' in client.get(PAGES[0]).text

    embedding.allow(partner=at_home.partner, origins=["https://new.example.org"])
    assert 'data-origins="https://new.example.org"' in client.get(PAGES[0]).text

    Partner.objects.update(name="Renamed Teachers")
    links.forget()
    assert "Renamed Teachers" in client.get(PAGES[0]).text


def test_what_else_asks_for_it_is_none(
    only_we_flush: None,
    client: Client,
    drive: Drive,
    at_home: ReferralLink,
    form_of_ada: dict[str, str],
) -> None:
    client.get("/embed/teach-ig/?preview", **IN_FRAME)
    client.get("/embed/teach-ig/thermometer/", **IN_FRAME)
    client.post("/embed/teach-ig/", form_of_ada, **IN_FRAME)
    assert noted() == []

    client.head("/embed/teach-ig/", **IN_FRAME)
    client.get("/embed/teach-ig/", **IN_FRAME, HTTP_SEC_PURPOSE="prefetch")
    client.get("/embed/teach-ig/", HTTP_SEC_FETCH_DEST="image", HTTP_USER_AGENT=IPHONE)
    client.get("/embed/teach-ig/", HTTP_USER_AGENT="Googlebot/2.1")
    assert noted() == ["method", "prefetch", "destination", "crawler"]


def test_the_second_frame_costs_no_query(
    client: Client, drive: Drive, at_home: ReferralLink, django_assert_num_queries: object
) -> None:
    client.get("/embed/teach-ig/")
    client.get("/embed/teach-ig/thermometer/")

    with django_assert_num_queries(0):  # type: ignore[operator]
        client.get("/embed/teach-ig/")
        client.get("/embed/teach-ig/thermometer/")


def test_the_count_leads_to_the_link(client: Client, drive: Drive, at_home: ReferralLink) -> None:
    page = client.get("/embed/teach-ig/thermometer/").content.decode()

    assert 'href="/r/teach-ig"' in page
    assert "<progress" in page or "data-figure" in page


def test_the_script_is_small_and_says_for_how_long_it_may_be_kept(client: Client) -> None:
    response = client.get("/embed.js")

    assert (response.status_code, response["Content-Type"]) == (
        200,
        "text/javascript; charset=utf-8",
    )
    assert response["Cache-Control"] == "public, max-age=3600"
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert len(response.content) < 2000
    assert not response.cookies
