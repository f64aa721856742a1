"""A stranger fills nobody's mailbox by typing it under ever new names."""

import pytest
from django.test import Client

from candidates import disguises
from candidates.models import Candidate
from partners.models import Drive

DOORS = ["/", "/embed/nobodys-code/"]


def names(status: int, client: Client, form: dict[str, str], emails: list[str], door: str) -> None:
    for email in emails:
        assert client.post(door, form | {"email": email}).status_code == status, email


@pytest.mark.parametrize("door", DOORS)
def test_after_a_few_names_of_one_mailbox_the_next_is_refused_beside_the_field(
    drive: Drive, redis: None, client: Client, form_of_ada: dict[str, str], door: str
) -> None:
    few = [f"sam+{number}@example.org" for number in range(disguises.MOST)]
    names(302, client, form_of_ada, few, door)

    answer = client.post(door, form_of_ada | {"email": "Sam+more@example.org"})

    assert answer.status_code == 422
    assert "under other names today" in answer.content.decode()
    assert Candidate.objects.count() == disguises.MOST
    names(302, client, form_of_ada, [*few, "sam@example.org", "robin+1@example.org"], door)


def test_dots_are_names_where_they_mean_nothing(
    drive: Drive, redis: None, client: Client, form_of_ada: dict[str, str]
) -> None:
    few = ["s.am@gmail.com", "sa.m@googlemail.com", "s.a.m@gmail.com"]
    names(302, client, form_of_ada, few, "/")

    names(422, client, form_of_ada, ["sam@googlemail.com", "sam+x@gmail.com"], "/")
    names(302, client, form_of_ada, ["sam@gmail.com", "s.am@example.org"], "/")


def test_without_redis_nobody_is_kept_out(
    drive: Drive, redis_away: None, client: Client, form_of_ada: dict[str, str]
) -> None:
    many = [f"sam+{number}@example.org" for number in range(disguises.MOST + 2)]

    names(302, client, form_of_ada, many, "/")
