"""From a partner's link to the credit: codes, the cookie, and who is credited."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, OperationalError
from django.http import HttpResponse
from django.test import Client, RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from candidates.models import Candidate
from partners import credits, links, touches
from partners.models import Credit, Drive, Partner, ReferralLink
from partners.touches import Touch
from tests.conftest import IPHONE, NOON


@pytest.fixture
def phone() -> Client:
    return Client(headers={"user-agent": IPHONE, "sec-fetch-dest": "document"})


@pytest.mark.parametrize("typed", ["teach-ig", "TEACH_IG", " Teach-Ig "])
def test_a_code_may_be_typed_in_several_ways(link: ReferralLink, typed: str) -> None:
    assert links.resolve(raw=typed) == links.Link(
        link.id, "teach-ig", link.partner_id, "Example Teachers Alliance", "Instagram bio"
    )


def test_a_code_is_kept_as_it_is_looked_up(partner: Partner) -> None:
    made = ReferralLink(partner=partner, code="Fall_2026", label="Fall")
    made.full_clean()
    made.save()

    assert [links.resolve(raw=typed) is not None for typed in ("Fall_2026", "fall-2026")] == [
        True
    ] * 2


@pytest.mark.parametrize("code", ["Fall", "fall_2026"])
def test_the_database_takes_no_code_that_nobody_would_find(partner: Partner, code: str) -> None:
    with pytest.raises(IntegrityError, match="link_code_is_canonical"):
        ReferralLink.objects.create(partner=partner, code=code, label="Fall")


def test_known_codes_cost_no_query(link: ReferralLink, django_assert_num_queries) -> None:
    links.resolve(raw="teach-ig")

    with django_assert_num_queries(0):
        links.resolve(raw="teach-ig")


def test_a_link_made_a_moment_ago_works_at_once(link: ReferralLink) -> None:
    links.resolve(raw="teach-ig")
    ReferralLink.objects.create(partner=link.partner, code="brand-new", label="New")

    assert links.resolve(raw="brand-new") is not None


@pytest.mark.parametrize("strange", ["", "\0", "x" * 5000, "../admin", "☃", "' OR 1=1 --"])
def test_a_strange_code_is_just_unknown(db: None, strange: str) -> None:
    assert links.resolve(raw=strange) is None


def test_links_are_served_from_memory_while_postgresql_is_away(
    link: ReferralLink, monkeypatch
) -> None:
    known = links.resolve(raw="teach-ig")
    links._kept.expire()

    def away(**_: str) -> None:
        raise OperationalError

    monkeypatch.setattr(links, "_rows", away)

    assert links.resolve(raw="teach-ig") == known


def test_a_click_is_remembered_and_leads_to_the_form(phone: Client, link: ReferralLink) -> None:
    response = phone.get("/r/TEACH_IG?utm_source=bio")

    cookie = response.cookies["touches"]
    assert (response.status_code, response["Location"]) == (302, "/")
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert cookie["max-age"] == 90 * 24 * 3600
    assert response["Cache-Control"] == "private, no-store"


def test_a_spanish_phone_is_led_to_the_spanish_form(phone: Client, link: ReferralLink) -> None:
    response = phone.get("/r/teach-ig", headers={"accept-language": "es-MX,es;q=0.9"})

    assert response["Location"] == "/es/"


@pytest.mark.parametrize("code", ["https://evil.example/", "/evil.example", "%2F%2Fevil.example"])
def test_a_link_leads_nowhere_but_home(phone: Client, db: None, code: str) -> None:
    assert phone.get(f"/r/{code}")["Location"] == "/"


def test_the_sign_up_is_credited_to_the_link_that_was_clicked(
    phone: Client, drive: Drive, link: ReferralLink, form_of_ada: dict[str, str]
) -> None:
    phone.get("/r/teach-ig?source=bio")
    phone.post("/", form_of_ada)

    touch = Candidate.objects.get().touches.get()
    assert Credit.objects.get().link == link
    assert (touch.link, touch.raw_code, touch.sub_source) == (link, "teach-ig", "bio")


def test_sharing_is_agreed_to_with_the_partner_that_was_named(
    phone: Client, drive: Drive, link: ReferralLink, form_of_ada: dict[str, str]
) -> None:
    phone.get("/r/teach-ig")
    phone.post("/", form_of_ada | {"share_consent": "on"})

    consents = Candidate.objects.get().consents.values_list("purpose", "partner__slug")
    assert set(consents) == {("contact", None), ("share", "teachers")}


def test_an_agreement_to_share_with_another_partner_is_not_moved_to_this_one(
    phone: Client, drive: Drive, link: ReferralLink, form_of_ada: dict[str, str]
) -> None:
    """The form was open in one tab when a second partner's link was opened in another."""
    phone.get("/r/teach-ig")
    phone.post("/", form_of_ada | {"share_consent": str(link.partner_id + 1)})

    assert not Candidate.objects.get().consents.filter(purpose="share").exists()


def carried(*seen: Touch) -> list[Touch]:
    """Return what comes back from a browser that clicked these."""
    came: list[Touch] = []
    for touch in seen:
        response = HttpResponse()
        touches.put(response, touches.written(touches=came, new=touch))
        request = RequestFactory().get("/")
        request.COOKIES["touches"] = response.cookies["touches"].value
        came = touches.read(request)
    return came


@given(code=st.text(), source=st.text())
def test_whatever_was_typed_comes_back_from_the_cookie(code: str, source: str) -> None:
    touch = touches.arrival(raw_code=code, query={"source": source}, at=NOON)

    assert carried(touch) == [touch]
    assert len(code.encode(errors="ignore")) > 255 or touch.raw_code == readable(code)


def readable(text: str) -> str:
    """Return the text without what no URL and no database can carry."""
    return text.replace("\0", "").encode(errors="ignore").decode()


@pytest.mark.parametrize("strange", ["é" * 300, "😀" * 300, "\0", "été", "\ud800"])
def test_no_code_costs_the_partner_before_it_the_credit(strange: str) -> None:
    known = Touch("teach-ig", "", NOON)
    later = touches.arrival(raw_code=strange, query={}, at=NOON + timedelta(minutes=1))

    came = carried(known, later)

    assert came == [known, later]


def test_the_cookie_is_plain_ascii(phone: Client, link: ReferralLink) -> None:
    assert phone.get("/r/%C3%A9t%C3%A9?source=ni%C3%B1o").cookies["touches"].value.isascii()


def test_the_newest_touches_are_kept_and_the_cookie_stays_small() -> None:
    clicks = [Touch(f"code-{n}", "é" * 60, NOON + timedelta(minutes=n)) for n in range(40)]

    came = carried(*clicks)

    assert came[-1] == clicks[-1]
    assert 5 <= len(came) <= 10
    assert came == clicks[-len(came) :]


def test_coming_back_through_the_same_link_is_one_touch() -> None:
    clicks = [Touch("teach-ig", "", NOON + timedelta(minutes=n)) for n in range(3)]

    assert carried(*clicks) == clicks[-1:]


def test_a_touch_is_forgotten_after_ninety_days() -> None:
    old, new = Touch("old", "", NOON), Touch("new", "", NOON + timedelta(days=91))

    assert carried(old, new) == [new]


@pytest.mark.parametrize(
    "forged", ["", "x", "teach-ig**1:sig", "teach-ig*bio*1795475569:" + "A" * 43]
)
def test_a_cookie_that_we_did_not_sign_counts_as_none(forged: str) -> None:
    request = RequestFactory().get("/")
    request.COOKIES["touches"] = forged

    assert touches.read(request) == []


@pytest.fixture
def nurses(db: None) -> ReferralLink:
    partner = Partner.objects.create(name="Example Nurses", slug="nurses")
    return ReferralLink.objects.create(partner=partner, code="nurse", label="E-mail")


@pytest.mark.parametrize(
    ("model", "window", "expected"),
    [
        ("last", 90, "nurse"),
        ("first", 90, "teach-ig"),
        ("first", 5, "nurse"),
        ("last", 1, None),
    ],
)
def test_the_drive_says_which_touch_is_credited(
    drive: Drive,
    link: ReferralLink,
    nurses: ReferralLink,
    model: str,
    window: int,
    expected: str | None,
) -> None:
    drive.attribution, drive.window_days = model, window
    came = [
        Touch("teach-ig", "", NOON - timedelta(days=10)),
        Touch("nurse", "", NOON - timedelta(days=2)),
        Touch("no-such-code", "", NOON - timedelta(hours=40)),
    ]

    decision = credits.decide(touches=came, drive=drive, at=NOON)

    assert (decision.link and decision.link.code) == expected
