"""The pages as a browser without JavaScript gets them."""

import pytest
from django.db import OperationalError
from django.test import Client

from candidates import keys, signup
from candidates.models import Candidate, FollowUp, Suppression
from candidates.signup import Answers
from partners.models import Drive, ReferralLink
from tests.conftest import SignUp


def test_the_blank_form_sets_no_cookie_and_may_be_kept_by_a_front_cache(
    client: Client, drive: Drive
) -> None:
    response = client.get("/")

    assert response.status_code == 200
    assert not response.cookies
    assert response["Cache-Control"] == "public, max-age=1"
    assert "Cookie" in response["Vary"]


def test_the_second_blank_form_costs_no_query(
    client: Client, drive: Drive, django_assert_num_queries
) -> None:
    client.get("/")

    with django_assert_num_queries(0):
        client.get("/")


def test_the_partner_is_named_to_those_who_came_through_its_link_alone(
    client: Client, drive: Drive, link: ReferralLink
) -> None:
    client.get("/r/teach-ig")
    named = client.get("/")

    assert link.partner.name in named.content.decode()
    assert named["Cache-Control"] == "private, no-cache"
    assert "share_consent" not in Client().get("/").content.decode()


def test_answers_can_be_filled_in_by_the_address(client: Client, drive: Drive) -> None:
    page = client.get("/?first_name=Ada&zip_code=10001&contact_consent=on").content.decode()

    assert 'value="Ada"' in page
    assert " checked" not in page


def test_mistakes_are_told_and_nothing_typed_is_lost(
    client: Client, drive: Drive, form_of_ada: dict[str, str]
) -> None:
    response = client.post("/", form_of_ada | {"email": "ada@", "zip_code": "00000"})

    page = response.content.decode()
    assert response.status_code == 422
    assert page.count("aria-invalid") == 2
    for typed in ("Ada", "ada@", "00000", "Buses that come."):
        assert typed in page
    assert not Candidate.objects.exists()


@pytest.mark.parametrize(("named", "shared"), [(0, {"teachers"}), (1, set())])
def test_sharing_is_only_with_the_partner_that_the_box_named(
    client: Client,
    drive: Drive,
    link: ReferralLink,
    form_of_ada: dict[str, str],
    named: int,
    shared: set[str],
) -> None:
    client.get("/r/teach-ig")

    client.post("/", form_of_ada | {"share_consent": str(link.partner_id + named)})

    consents = Candidate.objects.get().consents.filter(purpose="share")
    assert set(consents.values_list("partner__slug", flat=True)) == shared


def test_without_consent_nobody_is_signed_up(
    client: Client, drive: Drive, form_of_ada: dict[str, str]
) -> None:
    form_of_ada.pop("contact_consent")

    assert client.post("/", form_of_ada).status_code == 422
    assert not Candidate.objects.exists()


def test_a_robot_that_fills_in_the_bait_is_told_so(
    client: Client, drive: Drive, form_of_ada: dict[str, str]
) -> None:
    response = client.post("/", form_of_ada | {"website": "https://spam.example"})

    assert response.status_code == 422
    assert not Candidate.objects.exists()


@pytest.mark.parametrize(
    "broken",
    [
        {"first_name": "\0"},
        {"email": "a" * 400 + "@example.org"},
        {"office": "king"},
        {"phone": "+" * 50},
        {"phone": "+49123456789012345"},
        {"email": "x@" + 40 * "\ufdfa" + ".org"},
        {"zip_code": "１２３４５"},
        {"zip_code": "١٠٠٠١"},
        {"motivation": "x" * 100_000},
    ],
)
def test_no_input_breaks_the_form(
    client: Client, drive: Drive, form_of_ada: dict[str, str], broken: dict[str, str]
) -> None:
    assert client.post("/", form_of_ada | broken).status_code == 422


def test_while_postgresql_is_away_the_page_says_so_and_keeps_what_was_typed(
    client: Client, drive: Drive, form_of_ada: dict[str, str], monkeypatch
) -> None:
    def away(**_: object) -> None:
        raise OperationalError

    monkeypatch.setattr(signup, "sign_up", away)

    response = client.post("/", form_of_ada)

    assert response.status_code == 503
    assert "Buses that come." in response.content.decode()


def test_a_known_address_gets_the_same_answer_as_an_unknown_one(
    client: Client, drive: Drive, form_of_ada: dict[str, str]
) -> None:
    first, again = (client.post("/", form_of_ada) for _ in range(2))

    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert first.headers == again.headers


def test_opening_the_confirmation_page_confirms_nothing(
    client: Client, sign_up: SignUp, ada: Answers
) -> None:
    candidate = sign_up(ada)
    address = f"/confirm/{keys.make(purpose='confirm', candidate_id=candidate.id)}/"

    for _ in range(3):
        assert client.get(address).status_code == 200
        client.head(address)

    candidate.refresh_from_db()
    assert candidate.confirmed_at is None


def test_one_press_confirms_without_any_cookie(sign_up: SignUp, ada: Answers) -> None:
    candidate = sign_up(ada)
    address = f"/confirm/{keys.make(purpose='confirm', candidate_id=candidate.id)}/"

    response = Client(enforce_csrf_checks=True).post(address)

    candidate.refresh_from_db()
    assert response.status_code == 200
    assert candidate.confirmed_at is not None


def test_a_mail_program_unsubscribes_with_one_post(sign_up: SignUp, ada: Answers) -> None:
    candidate = sign_up(ada)
    address = f"/unsubscribe/{keys.make(purpose='unsubscribe', candidate_id=candidate.id)}/"

    response = Client(enforce_csrf_checks=True).post(
        address, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"
    )

    assert (response.status_code, Suppression.objects.count()) == (200, 1)
    assert set(FollowUp.objects.values_list("state", flat=True)) == {"suppressed"}


def test_opening_the_unsubscribe_page_stops_nothing(
    client: Client, sign_up: SignUp, ada: Answers
) -> None:
    candidate = sign_up(ada)

    client.get(f"/unsubscribe/{keys.make(purpose='unsubscribe', candidate_id=candidate.id)}/")

    assert not Suppression.objects.exists()


@pytest.mark.parametrize("page", ["confirm", "unsubscribe"])
def test_a_key_opens_one_door_only(
    client: Client, sign_up: SignUp, ada: Answers, page: str
) -> None:
    other = {"confirm": "unsubscribe", "unsubscribe": "confirm"}[page]
    key = keys.make(purpose=other, candidate_id=sign_up(ada).id)

    for token in (key, key[:-1], "x", "x.y"):
        assert client.get(f"/{page}/{token}/").status_code == 404
        assert client.post(f"/{page}/{token}/").status_code == 404


def test_no_address_of_ours_names_a_person(sign_up: SignUp, ada: Answers) -> None:
    key = keys.make(purpose="confirm", candidate_id=sign_up(ada).id)

    assert "ada" not in key.lower()


def test_the_thank_you_page_offers_the_link_that_brought_them(
    client: Client, drive: Drive, link: ReferralLink
) -> None:
    client.get("/r/teach-ig")

    assert "/r/teach-ig" in client.get("/thanks/").content.decode()
    assert "/r/" not in Client().get("/thanks/").content.decode()
