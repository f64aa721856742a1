"""Where a member logs in, a sign-up through that partner's own link is looked at first."""

import pytest
from django.conf import LazySettings
from django.core import signing
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from partners import devices, embedding, joining, keys
from partners.models import Credit, Drive, Hold, Member, Partner, ReferralLink, User

KNOWN = {"username": "organiser@example.org", "password": "a-long-password"}


@pytest.fixture
def nurse(db: None) -> ReferralLink:
    nurses = Partner.objects.create(name="Example Nurses", slug="nurses")
    return ReferralLink.objects.create(partner=nurses, code="nurse", label="Ward")


@pytest.fixture
def device(client: Client, organiser: User, link: ReferralLink, drive: Drive) -> Client:
    """A browser in which an organiser logged in to the portal, and out again."""
    client.post("/log-in/", KNOWN)
    client.post("/log-out/")
    return client


def held() -> list[tuple[str, str]]:
    return list(Hold.objects.order_by("id").values_list("suspicion", "link__code"))


def credited() -> list[str | None]:
    return list(Credit.objects.order_by("id").values_list("link__code", flat=True))


def test_who_logs_in_gets_a_cookie_that_names_the_partner_and_nothing_else(
    client: Client, organiser: User, link: ReferralLink
) -> None:
    cookie = client.post("/log-in/", KNOWN).cookies["device"]

    assert cookie.value.split(":")[0] == str(link.partner_id)
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert cookie["max-age"] == 180 * 24 * 3600
    assert not cookie["domain"]


def test_over_https_the_cookie_belongs_to_this_host_alone(settings: LazySettings) -> None:
    settings.IS_HTTPS, settings.DEVICE_COOKIE_NAME = True, "__Host-device"
    response = HttpResponse()

    devices.remember(RequestFactory().get("/"), response, partner_ids=[3])

    assert response.cookies["__Host-device"]["secure"]


def test_staff_who_belong_to_no_partner_get_none(client: Client, staffer: User) -> None:
    answer = client.post("/log-in/", KNOWN | {"username": staffer.email})

    assert (answer.status_code, "device" in answer.cookies) == (302, False)


def test_a_wrong_password_gets_none(client: Client, organiser: User) -> None:
    assert not client.post("/log-in/", KNOWN | {"password": "wrong"}).cookies.get("device")


def test_who_joins_gets_one_too(client: Client, partner: Partner, drive: Drive) -> None:
    words = {"email": "new@example.org", "role": Member.Role.VIEWER, "language": "en"}
    invitation = joining.invite(partner=partner, by=None, **words, now=timezone.now())
    key = keys.make(purpose="join", name=invitation.id)
    secret = "a-long-enough-secret"
    answers = {"full_name": "New One", "password1": secret, "password2": secret}

    answer = client.post(reverse("partners:join", args=[key]), answers)

    assert answer.cookies["device"].value.split(":")[0] == str(partner.pk)


def test_a_sign_up_there_through_the_partners_link_is_held(
    device: Client, form_of_ada: dict[str, str]
) -> None:
    device.get("/r/teach-ig")
    answer = device.post("/", form_of_ada)

    assert (answer.status_code, answer["Location"]) == (302, "/thanks/")
    assert (held(), credited()) == ([("self_referral", "teach-ig")], [None])


def test_so_is_one_through_the_embedded_form(
    device: Client, link: ReferralLink, form_of_ada: dict[str, str]
) -> None:
    embedding.allow(partner=link.partner, origins=["https://teachers.example.org"])

    answer = device.post("/embed/teach-ig/", form_of_ada)

    assert answer["Location"] == "/embed/teach-ig/thanks/"
    assert (held(), credited()) == ([("self_referral", "teach-ig")], [None])


@pytest.mark.parametrize("code", ["nurse", ""])
def test_another_partners_link_and_none_are_nobodys_own(
    device: Client, nurse: ReferralLink, form_of_ada: dict[str, str], code: str
) -> None:
    if code:
        device.get(f"/r/{code}")
    device.post("/", form_of_ada)

    assert (held(), credited()) == ([], [code or None])


def test_a_device_that_two_partners_share_is_known_for_both(
    device: Client, nurse: ReferralLink, form_of_ada: dict[str, str]
) -> None:
    nora = User.objects.create_user("nora@example.org", "a-long-password")
    Member.objects.create(user=nora, partner=nurse.partner)
    device.post("/log-in/", KNOWN | {"username": nora.email})

    for code in ("teach-ig", "nurse"):
        device.get(f"/r/{code}")
        device.post("/", form_of_ada | {"email": f"{code}@example.org"})

    assert held() == [("self_referral", "teach-ig"), ("self_referral", "nurse")]


@pytest.mark.parametrize(
    "wrong",
    ["{id}", "{id}:forged", "", ":", "x" * 5_000, "é", "\x00"],
)
def test_a_forged_or_broken_cookie_is_ignored(
    client: Client, drive: Drive, link: ReferralLink, form_of_ada: dict[str, str], wrong: str
) -> None:
    client.cookies["device"] = wrong.format(id=link.partner_id)
    client.get("/r/teach-ig")

    assert client.post("/", form_of_ada).status_code == 302
    assert (held(), credited()) == ([], ["teach-ig"])


def test_a_signature_of_another_purpose_or_around_nonsense_counts_as_none() -> None:
    request = RequestFactory().get("/")
    for text in (
        signing.Signer(salt="partners.touches").sign("3"),
        signing.Signer(salt="partners.devices").sign("three"),
    ):
        request.COOKIES["device"] = text
        assert devices.partners_of(request) == []


def test_the_newest_partners_stay_when_there_are_many() -> None:
    request, response = RequestFactory().get("/"), HttpResponse()
    devices.remember(request, response, partner_ids=range(1, 100))
    request.COOKIES["device"] = response.cookies["device"].value
    devices.remember(request, response, partner_ids=[1])
    request.COOKIES["device"] = response.cookies["device"].value

    assert devices.partners_of(request) == [*range(81, 100), 1]


def test_the_blank_form_neither_reads_it_nor_varies_by_it(device: Client, drive: Drive) -> None:
    known, stranger = device.get("/"), Client().get("/")

    assert known.content == stranger.content
    assert known["Cache-Control"] == stranger["Cache-Control"] == "public, max-age=1"
    assert known["Vary"] == stranger["Vary"]
    assert "device" not in known.cookies
