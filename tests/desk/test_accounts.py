"""Nobody at the desk gives themselves more than they were given."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from partners.models import User

DeskOf = Callable[[User], Client]
EVERYTHING = {"is_active": "on", "is_staff": "on", "is_superuser": "on"}


@pytest.fixture
def keeper(robin: User, permit: Callable[..., User]) -> User:
    """A colleague who keeps the accounts, and the groups, of others."""
    return permit(robin, "view_user", "change_user", "delete_user", "view_group", "change_group")


@pytest.fixture
def group(keeper: User) -> Group:
    group = Group.objects.create(name="Invented helpers")
    keeper.groups.add(group)
    return group


def change(user: User) -> str:
    return reverse("admin:partners_user_change", args=[user.pk])


def told(user: User) -> dict[str, str]:
    return {"email": user.email, "full_name": "Another Name", **EVERYTHING}


@pytest.mark.parametrize("whose", ["keeper", "sam"])
def test_the_account_of_a_colleague_is_for_superusers(
    keeper: User, sam: User, desk_of: DeskOf, whose: str
) -> None:
    account = {"keeper": keeper, "sam": sam}[whose]
    desk = desk_of(keeper)
    before = User.objects.filter(pk=account.pk).values().get()
    words = {"password1": "other-long-words", "password2": "other-long-words"}

    assert desk.post(change(account), told(account)).status_code == 403
    password = reverse("admin:auth_user_password_change", args=[account.pk])
    assert desk.post(password, words).status_code == 403
    delete = reverse("admin:partners_user_delete", args=[account.pk])
    assert desk.post(delete, {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=account.pk).values().get() == before


def test_a_member_is_changed_and_made_no_colleague(
    keeper: User, organiser: User, desk_of: DeskOf
) -> None:
    assert desk_of(keeper).post(change(organiser), told(organiser)).status_code == 302

    organiser.refresh_from_db()
    assert organiser.full_name == "Another Name"
    assert (organiser.is_staff, organiser.is_superuser) == (False, False)


def test_a_group_is_not_changed_by_who_is_in_it(
    keeper: User, group: Group, desk_of: DeskOf
) -> None:
    address = reverse("admin:auth_group_change", args=[group.pk])
    desk = desk_of(keeper)

    assert desk.get(address).status_code == 200
    assert desk.post(address, {"name": group.name, "permissions": ["1"]}).status_code == 403
    assert not group.permissions.exists()


def test_a_superuser_makes_a_colleague(sam: User, organiser: User, desk_of: DeskOf) -> None:
    desk_of(sam).post(change(organiser), told(organiser) | {"is_superuser": ""})

    organiser.refresh_from_db()
    assert (organiser.is_staff, organiser.is_superuser) == (True, False)
