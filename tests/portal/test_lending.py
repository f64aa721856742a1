"""A partner's name on our mails: its manager lends it, having seen it, and takes it back."""

import pytest
from django.contrib.admin.models import LogEntry
from django.utils.html import strip_tags

from partners.models import Member, Partner, User

PAGE = "/partners/river-valley/members/"
NAME = f"{PAGE}name/"


def words(response) -> str:
    return " ".join(strip_tags(response.content.decode()).split())


def lent_at(partner):
    return Partner.objects.get(pk=partner.pk).lends_name_at


def logged() -> list[tuple[str, str, str]]:
    entries = LogEntry.objects.order_by("pk").select_related("user")
    return [(it.user.email, it.object_repr, it.get_change_message()) for it in entries]


def test_nobody_lends_a_name_unasked(river):
    assert lent_at(river) is None


def test_a_manager_reads_what_people_will_see(as_olga, river, settings):
    page = words(as_olga.get(PAGE))

    assert f"From: {river.name} via {settings.ORGANISATION}" in page
    assert f"From: {settings.ORGANISATION} " in page
    assert "Mails don’t come in your name" in page


def test_a_manager_lends_the_name_and_takes_it_back(as_olga, olga, river):
    page = words(as_olga.post(NAME, {"do": "on"}, follow=True))
    assert "Mails may come in your name from now on." in page
    assert "Mails come in your name since" in page
    first = lent_at(river)

    as_olga.post(NAME, {"do": "on"})
    assert lent_at(river) == first is not None

    for _time in range(2):
        page = words(as_olga.post(NAME, {"do": "off"}, follow=True))
        assert "No mail comes in your name any more." in page
    assert lent_at(river) is None
    assert logged() == [
        (olga.email, river.name, "In the portal: lends us its name from now on."),
        (olga.email, river.name, "In the portal: no longer lends us its name."),
    ]


@pytest.mark.parametrize("posted", [{}, {"do": ""}, {"do": "maybe"}])
def test_only_the_word_for_it_lends_it(as_olga, river, posted):
    as_olga.post(NAME, posted)

    assert lent_at(river) is None


def test_opening_the_address_lends_nothing(as_olga, river):
    assert as_olga.get(f"{NAME}?do=on").status_code == 405
    assert lent_at(river) is None


def test_a_manager_lends_the_own_name_alone(as_olga, harbor):
    foreign = as_olga.post("/partners/harbor-city/members/name/", {"do": "on"})
    nowhere = as_olga.post("/partners/nowhere/members/name/", {"do": "on"})

    assert foreign.status_code == nowhere.status_code == 404
    assert foreign.content.replace(b"harbor-city", b"nowhere") == nowhere.content
    assert lent_at(harbor) is None


def test_a_viewer_reads_and_does_not_decide(client, river):
    vera = User.objects.create_user("vera@example.org", full_name="Vera")
    Member.objects.create(user=vera, partner=river)
    client.force_login(vera)

    page = client.get(PAGE)

    assert "A manager decides this." in words(page)
    assert 'name="do"' not in page.content.decode()
    assert client.post(NAME, {"do": "on"}).status_code == 403
    assert (lent_at(river), logged()) == (None, [])


def test_staff_look_and_lend_nothing_here(client, staff, river):
    client.force_login(staff)

    assert "A manager decides this." in words(client.get(PAGE))
    assert client.post(NAME, {"do": "on"}).status_code == 403
    assert lent_at(river) is None


def test_it_reads_in_spanish_as_the_mail_does(as_olga, river, settings):
    page = words(as_olga.get(f"/es{PAGE}"))

    assert f"De: {river.name} a través de {settings.ORGANISATION}" in page
