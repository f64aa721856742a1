"""What staff type to find somebody stands in no address, and is still there on the next page."""

import re
from urllib.parse import quote

import pytest
from django.contrib import admin
from django.urls import reverse

from recruit import sealing

pytestmark = pytest.mark.django_db
LEADS = "/admin/candidates/candidate/"


def names(page):
    return {str(it) for it in page.context["cl"].result_list}


@pytest.fixture
def desk(desk_of, sam):
    return desk_of(sam)


@pytest.fixture
def people(lead):
    for number in range(60):
        lead("Cy", email=f"cy{number}@example.org", state="NY" if number % 2 else "AZ")
    lead("Ada")


def test_what_is_typed_leaves_no_trace_in_the_address(desk, people):
    page = desk.post(LEADS, {"q": "Cy Example"}, follow=True)

    ((address, status),) = page.redirect_chain
    assert (names(page), status) == ({"Cy Example"}, 302)
    assert "cy" not in address.lower().replace(page.wsgi_request.GET["q"].lower(), "")
    assert 'value="Cy Example"' in page.text
    assert sealing.unseal(page.wsgi_request.GET["q"]) == "Cy Example"


def test_the_same_words_look_different_each_time():
    assert sealing.seal("Ada") != sealing.seal("Ada")


def test_filters_stay_and_the_page_of_the_search_before_does_not(desk, people):
    page = desk.post(f"{LEADS}?state=NY&p=2", {"q": "cy"}, follow=True)

    assert page.wsgi_request.GET.keys() == {"state", "q"}
    assert page.context["cl"].result_count == 30


def test_the_next_page_a_filter_and_a_lead_keep_the_search(desk, people):
    page = desk.post(LEADS, {"q": "cy"}, follow=True)
    sealed = page.wsgi_request.GET["q"]

    second = re.search(r'href="(\?[^"]*p=2[^"]*)"', page.text)[1].replace("&amp;", "&")
    assert names(desk.get(LEADS + second)) == {"Cy Example"}
    assert f"state=NY&amp;q={quote(sealed)}" in page.text or f"q={quote(sealed)}&amp;" in page.text
    assert f"changelist_filters=q%3D{quote(quote(sealed))}" in page.text


def test_an_action_on_what_was_found_reaches_those_alone(desk, people):
    page = desk.post(LEADS, {"q": "ada"}, follow=True)
    (ada,) = page.context["cl"].result_list

    asked = desk.post(
        page.wsgi_request.get_full_path(),
        {"action": "note_leads", "select_across": "1", "_selected_action": [ada.pk]},
    )

    assert asked.context["count"] == 1


def test_nothing_typed_shows_everybody(desk, people):
    page = desk.post(f"{LEADS}?q={sealing.seal('ada')}", {"q": ""}, follow=True)

    assert page.wsgi_request.get_full_path() == LEADS


@pytest.mark.parametrize("address", [LEADS, "/admin/partners/user/", "/admin/auth/group/"])
@pytest.mark.parametrize("unreadable", ["ada", "gAAAAA", "é", "9" * 3000])
def test_a_search_that_cannot_be_read_says_so_and_shows_everybody(desk, address, unreadable):
    page = desk.get(address, {"q": unreadable}, follow=True)

    assert page.wsgi_request.get_full_path() == address
    assert "This search can’t be read any more." in page.text


def test_what_was_sealed_with_the_key_before_can_still_be_read(desk, people, settings):
    sealed = sealing.seal("ada")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another" * 10

    assert sealing.unseal(sealed) == "ada"
    settings.SECRET_KEY_FALLBACKS = []
    assert sealing.unseal(sealed) is None


@pytest.mark.parametrize(
    ("typed", "told"), [("a" * 201, "at most 200 characters"), ("a\0", "Null characters")]
)
def test_what_can_be_nobodys_name_is_told(desk, typed, told):
    page = desk.post(LEADS, {"q": typed}, follow=True)

    assert told in page.text


def test_whoever_may_not_see_a_list_learns_nothing_from_searching_it(desk_of, robin):
    assert desk_of(robin).post(LEADS, {"q": "ada"}).status_code == 403


def test_no_list_of_the_admin_sends_what_is_typed_in_its_address(desk):
    for model in admin.site._registry:
        place = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
        page = desk.get(reverse(place)).text
        for form in re.findall(r"<form[^>]*>.*?</form>", page, re.DOTALL):
            asks = re.search(r'type="(search|text)"', form)
            assert not asks or 'method="post"' in form, place


def test_every_list_of_the_admin_that_can_be_searched_seals_what_is_typed(desk):
    for model in admin.site._registry:
        place = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        if 'id="changelist-search"' in desk.get(place).text:
            found = desk.post(place, {"q": "somebody"}, follow=True)
            assert sealing.unseal(found.wsgi_request.GET.get("q", "")) == "somebody", place
