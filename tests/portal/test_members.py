"""Managers keep their own house; nobody else does, and it never stands without one."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from django.db import OperationalError, connection, transaction

from partners import hooks, joining, members
from partners.models import Endpoint, Invitation, Member, StaffLook, User
from partners.models.hooks import Event
from tests.conftest import NOON

HOME = "/partners/river-valley/members/"


@pytest.fixture
def vera(river) -> Member:
    user = User.objects.create_user("vera@example.org", "a-long-enough-secret", full_name="Vera V")
    return Member.objects.create(user=user, partner=river)


@pytest.fixture
def hal(harbor) -> Member:
    user = User.objects.create_user("hal@example.org", full_name="Hal Harbor")
    return Member.objects.create(user=user, partner=harbor, role=Member.Role.MANAGER)


@pytest.fixture
def invitation(river) -> Invitation:
    return joining.invite(
        partner=river, email="n@example.org", role="viewer", by=None, language="en", now=NOON
    )


def test_everybody_in_the_house_sees_who_belongs_to_it(client, olga, vera, hal):
    client.force_login(vera.user)

    page = client.get(HOME).content.decode()

    assert "olga@example.org" in page
    assert "hal@example.org" not in page
    assert "Invite somebody" not in page


def test_a_manager_makes_another_one_and_back(as_olga, vera):
    as_olga.post(f"{HOME}{vera.pk}/role/", {"role": "manager"})
    assert Member.objects.get(pk=vera.pk).role == "manager"

    as_olga.post(f"{HOME}{vera.pk}/role/", {"role": "viewer"})
    assert Member.objects.get(pk=vera.pk).role == "viewer"


def test_who_was_removed_sees_nothing_from_the_next_request_on(as_olga, vera, client):
    theirs = type(client)()
    theirs.force_login(vera.user)
    assert theirs.get(HOME).status_code == 200

    as_olga.post(f"{HOME}{vera.pk}/remove/")

    assert theirs.get(HOME).status_code == 404


def test_whoever_removes_somebody_hears_what_of_theirs_still_sends(as_olga, vera, river, harbor):
    facts = {
        "address": "https://hooks.example.org/vera",
        "dialect": Endpoint.Dialect.SIGNED,
        "kinds": [Event.LEAD_CREATED],
        "author": vera.user,
        "language": "en",
        "now": NOON,
    }
    for partner in (river, river, harbor):
        hooks.make(partner=partner, **facts)
    hooks.switch_off(endpoint=hooks.make(partner=river, **facts), now=NOON)

    page = as_olga.post(f"{HOME}{vera.pk}/remove/", follow=True).content.decode()

    assert "2 webhooks that Vera V made still send" in page


def test_of_whom_nothing_sends_nothing_is_said(as_olga, vera):
    page = as_olga.post(f"{HOME}{vera.pk}/remove/", follow=True).content.decode()

    assert "Removed." in page
    assert "still send" not in page


@pytest.mark.parametrize("act", ["role", "remove"])
def test_the_last_manager_stays_and_the_page_says_why(as_olga, olga, vera, act):
    me = olga.memberships.get()

    page = as_olga.post(f"{HOME}{me.pk}/{act}/", {"role": "viewer"}, follow=True)

    assert "Without this manager nobody could manage these pages." in page.content.decode()
    assert Member.objects.get(pk=me.pk).role == "manager"


def test_a_manager_whose_account_is_off_is_no_other_one(as_olga, olga, vera):
    Member.objects.filter(pk=vera.pk).update(role="manager")
    User.objects.filter(pk=vera.user_id).update(is_active=False)

    as_olga.post(f"{HOME}{olga.memberships.get().pk}/remove/")

    assert olga.memberships.exists()


def test_a_manager_may_leave_when_there_is_another(as_olga, olga, vera):
    Member.objects.filter(pk=vera.pk).update(role="manager")

    response = as_olga.post(f"{HOME}{olga.memberships.get().pk}/remove/")

    assert response["Location"] == "/partners/"
    assert as_olga.get(HOME).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_two_managers_who_remove_each_other_leave_one(olga, vera, river):
    Member.objects.update(role="manager")

    def remove(member_id: int) -> bool:
        with closing(connection):
            try:
                members.remove(partner=river, member_id=member_id)
            except members.LastManager:
                return False
            return True

    with ThreadPoolExecutor(2) as both:
        removed = list(both.map(remove, Member.objects.values_list("pk", flat=True)))

    assert sorted(removed) == [False, True]
    assert Member.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_whoever_removes_waits_for_whoever_removes_already(olga, vera, river):
    """The race above is lost only now and then without the lock; this shows it each time."""
    with closing(connection.copy()) as other, other.cursor() as cursor:
        other.set_autocommit(False)
        cursor.execute("SELECT 1 FROM partners_partner WHERE id = %s FOR UPDATE", [river.pk])

        with transaction.atomic():
            connection.cursor().execute("SET LOCAL lock_timeout = '100ms'")
            with pytest.raises(OperationalError, match="lock timeout"):
                members.remove(partner=river, member_id=vera.pk)

        other.rollback()
    assert Member.objects.filter(pk=vera.pk).exists()


@pytest.mark.parametrize("who", ["viewer", "staff"])
def test_who_may_only_look_changes_nothing(client, olga, vera, staff, invitation, who):
    client.force_login({"viewer": vera.user, "staff": staff}[who])
    before = list(Member.objects.values()), list(Invitation.objects.values())

    answers = [
        client.post(f"{HOME}invite/", {"email": "x@example.org", "role": "viewer"}),
        client.post(f"{HOME}{vera.pk}/role/", {"role": "manager"}),
        client.post(f"{HOME}{vera.pk}/remove/"),
        client.post(f"{HOME}invited/{invitation.id}/withdraw/"),
    ]

    assert {it.status_code for it in answers} == {403}
    assert (list(Member.objects.values()), list(Invitation.objects.values())) == before


def test_a_member_and_an_invitation_of_others_are_as_good_as_none(as_olga, hal, harbor):
    theirs = joining.invite(
        partner=harbor, email="n@example.org", role="viewer", by=None, language="en", now=NOON
    )

    answers = [
        as_olga.post(f"{HOME}{hal.pk}/role/", {"role": "viewer"}),
        as_olga.post(f"{HOME}{hal.pk}/remove/"),
        as_olga.post(f"{HOME}invited/{theirs.id}/withdraw/"),
        as_olga.post(f"{HOME}{hal.pk + 1000}/remove/"),
        as_olga.post("/partners/harbor-city/members/invite/", {"email": "x@example.org"}),
    ]

    assert {it.status_code for it in answers} == {404}
    assert Member.objects.get(pk=hal.pk).role == "manager"
    assert Invitation.objects.get().withdrawn_at is None


def test_withdrawing_is_harmless_twice(as_olga, invitation):
    for _time in range(2):
        page = as_olga.post(f"{HOME}invited/{invitation.id}/withdraw/", follow=True)
        assert "Its link no longer works." in page.content.decode()


def test_the_list_costs_the_same_for_one_and_for_many(
    as_olga, river, django_assert_num_queries, django_assert_max_num_queries
):
    with django_assert_max_num_queries(8) as few:
        as_olga.get(HOME)
    for n in range(5):
        user = User.objects.create_user(f"m{n}@example.org", full_name=f"M {n}")
        Member.objects.create(user=user, partner=river)

    with django_assert_num_queries(len(few)):
        as_olga.get(HOME)


def test_staff_look_as_the_partner_sees_it_and_the_look_is_kept_once(client, staff, olga, river):
    client.force_login(staff)

    for _time in range(3):
        page = client.get(HOME).content.decode()
    client.get("/partners/nowhere/members/")

    assert "You are looking as RFS staff." in page
    assert "Invite somebody" not in page
    look = StaffLook.objects.get()
    assert (look.user, look.partner, look.page) == (staff, river, "partners:members")


def test_a_member_is_no_look_even_one_who_is_staff(client, staff, river):
    Member.objects.create(user=staff, partner=river)
    client.force_login(staff)

    page = client.get(HOME).content.decode()

    assert "You are looking" not in page
    assert not StaffLook.objects.exists()
