"""Nobody sees another organisation's numbers, nor learns that it exists."""

import pytest
from django.urls import reverse

from partners import tenancy
from partners.models import Member, User

PAGES = ("partners:partner-dashboard", "partners:link-qr", "partners:link-qr-png")


def page(name: str, slug: str, code: str) -> str:
    return reverse(name, args=[slug] if name.endswith("dashboard") else [slug, code])


@pytest.mark.parametrize("name", PAGES)
def test_a_foreign_partner_and_none_at_all_look_the_same(as_olga, harbor_link, name):
    foreign = as_olga.get(page(name, "harbor-city", "harbor-bio"))
    nowhere = as_olga.get(page(name, "nowhere", "harbor-bio"))

    assert foreign.status_code == nowhere.status_code == 404
    assert foreign.content.replace(b"harbor-city", b"nowhere") == nowhere.content
    assert dict(foreign.headers) == dict(nowhere.headers)


def test_a_foreign_link_under_our_own_name_is_no_link(as_olga, harbor_link):
    foreign = as_olga.get(page("partners:link-qr", "river-valley", "harbor-bio"))
    nowhere = as_olga.get(page("partners:link-qr", "river-valley", "nothing"))

    assert foreign.status_code == nowhere.status_code == 404
    assert foreign.content.replace(b"harbor-bio", b"nothing") == nowhere.content


@pytest.mark.parametrize("name", [*PAGES, "partners:dashboard"])
def test_strangers_are_asked_to_log_in(client, link, name):
    address = (
        reverse(name) if name == "partners:dashboard" else page(name, "river-valley", link.code)
    )

    response = client.get(address)

    assert (response.status_code, response["Location"]) == (302, f"/log-in/?next={address}")


def test_staff_may_look_at_any_partner_and_change_nothing(staff, river):
    access = tenancy.enter(user=staff, slug="river-valley")

    assert (access.partner, access.may_manage) == (river, False)


def test_staff_get_no_partner_that_is_not_there(staff):
    with pytest.raises(tenancy.NoSuchPartner):
        tenancy.enter(user=staff, slug="nowhere")


def test_a_manager_may_manage_and_a_viewer_may_look(olga, river):
    viewer = User.objects.create_user("vera@example.org", full_name="Vera")
    Member.objects.create(user=viewer, partner=river)

    assert tenancy.enter(user=olga, slug="river-valley").may_manage
    assert not tenancy.enter(user=viewer, slug="river-valley").may_manage


def test_the_numbers_are_kept_by_nobody_on_the_way(as_olga, link):
    response = as_olga.get("/partners/river-valley/")

    assert "no-store" in response["Cache-Control"]
    assert "private" in response["Cache-Control"]
