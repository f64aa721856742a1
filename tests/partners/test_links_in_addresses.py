"""Any public page may be what a partner links to: who sent somebody is in the address."""

import pytest
from django.test import Client, RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from candidates.forms.signup import SignUpForm
from candidates.models import Candidate
from partners import parameters, touches, visits
from partners.models import Credit, Drive, ReferralLink, VisitTally
from tests.conftest import IPHONE

REFERRERS = ["p", "partner", "subscriber", "referrer", "via", "ref", "r", "recruiter_id"]
SOURCES = [
    *("source", "ms", "tracking", "utm_source", "utm_medium", "utm_campaign"),
    *("utm_term", "utm_content", "mtm_campaign"),
]


@pytest.fixture
def phone(redis: None) -> Client:
    return Client(headers={"user-agent": IPHONE, "sec-fetch-dest": "document"})


def people(link: ReferralLink) -> int:
    visits.flush()
    visits.fold()
    return sum(VisitTally.objects.filter(link=link).values_list("unique", flat=True))


@pytest.mark.parametrize("page", ["/", "/es/", "/live/", "/privacy/", "/thanks/"])
def test_a_page_that_names_a_partner_counts_and_remembers(
    phone: Client, drive: Drive, link: ReferralLink, page: str
) -> None:
    response = phone.get(f"{page}?utm_medium=feed&Ref=TEACH_IG&utm-source=Bio")

    assert response.status_code == 200
    assert response["Cache-Control"] == "private, no-store"
    assert response.cookies["touches"]["httponly"]
    assert people(link) == 1


def test_whoever_came_that_way_is_credited_with_what_was_written(
    phone: Client, drive: Drive, link: ReferralLink, form_of_ada: dict[str, str]
) -> None:
    page = phone.get("/?utm_medium=feed&Ref=TEACH_IG&utm-source=Bio").content.decode()
    phone.post("/", form_of_ada)

    touch = Candidate.objects.get().touches.get()
    assert "Example Teachers Alliance" in page
    assert (touch.raw_code, touch.sub_source, touch.link) == ("TEACH_IG", "Bio", link)
    assert Credit.objects.get().link == link


def test_a_form_sent_to_an_address_that_names_a_partner_is_credited(
    phone: Client, drive: Drive, link: ReferralLink, form_of_ada: dict[str, str]
) -> None:
    """A browser without cookies, or a partner's own copy of the form."""
    phone.post("/?p=teach-ig", form_of_ada)

    assert Credit.objects.get().link == link
    assert people(link) == 0


def test_a_code_that_nobody_has_is_kept_too(
    phone: Client, drive: Drive, form_of_ada: dict[str, str]
) -> None:
    page = phone.get("/?partner=teech-ig")
    phone.post("/", form_of_ada)

    assert page["Cache-Control"] == "private, no-store"
    assert Candidate.objects.get().touches.get().raw_code == "teech-ig"


def test_both_ways_in_one_hour_are_one_visit(
    phone: Client, drive: Drive, link: ReferralLink
) -> None:
    for path in ("/r/teach-ig", "/?ref=teach-ig", "/live/?via=teach-ig"):
        phone.get(path)

    assert people(link) == 1


@pytest.mark.parametrize("query", ["", "?", "?utm_source=news", "?ref=", "?ref=%20", "?q=1"])
def test_a_page_that_names_nobody_may_be_kept_by_anyone(
    phone: Client, drive: Drive, query: str
) -> None:
    response = phone.get(f"/{query}")

    assert not response.cookies
    assert response["Cache-Control"] == "public, max-age=1"


def test_answers_may_be_filled_in_beside_the_partner(
    phone: Client, drive: Drive, link: ReferralLink
) -> None:
    response = phone.get("/?first_name=Ada&ref=teach-ig&source=bio")

    assert 'value="Ada"' in response.content.decode()
    assert "touches" in response.cookies


def test_no_answer_has_the_name_of_a_parameter() -> None:
    asked = {name.replace("_", "-") for name in SignUpForm.base_fields}

    assert asked.isdisjoint({*parameters.REFERRERS, *parameters.SUB_SOURCES})
    assert not any(name.startswith(parameters.MATOMO) for name in asked)


def test_the_table_of_names_is_the_one_that_was_agreed() -> None:
    assert [it.replace("-", "_") for it in parameters.REFERRERS] == REFERRERS
    assert [it.replace("-", "_") for it in parameters.SUB_SOURCES] == SOURCES[:-1]


def spelled(name: str, letters: list[bool]) -> str:
    """Return the name in some other spelling: capitals here and there, the other mark."""
    turned = "".join(
        letter.upper() if letters[place % len(letters)] else letter
        for place, letter in enumerate(name)
    )
    return turned.replace("_", "-") if letters[0] else turned


some = st.text(min_size=1).filter(str.strip)


@pytest.mark.parametrize(
    ("find", "names"), [(parameters.referrer, REFERRERS), (parameters.sub_source, SOURCES)]
)
@given(data=st.data())
def test_the_first_name_wins_however_it_is_spelled_and_wherever_it_stands(find, names, data):
    given_names = data.draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
    spelling = st.lists(st.booleans(), min_size=1, max_size=12)
    query = {spelled(name, data.draw(spelling)): data.draw(some) for name in given_names}
    values = dict(zip(given_names, query.values(), strict=True))

    winner = min(given_names, key=names.index)

    assert find(query | {"first_name": "Ada", "page": "2"}) == values[winner]


def test_what_is_written_is_kept_raw_up_to_255_characters(phone: Client, drive: Drive) -> None:
    written = "Ünïted_We-Stand " + "x" * 300

    request = RequestFactory().get("/")
    request.COOKIES["touches"] = phone.get("/", {"ref": written}).cookies["touches"].value

    (touch,) = touches.read(request)
    assert written.startswith(touch.raw_code)
    assert len(touch.raw_code.encode()) == 255
