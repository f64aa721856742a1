"""One mailbox has one address here: nobody counts twice, or takes another person's place, by it."""

import pytest
from django.test import Client

from candidates import identity
from candidates.models import Candidate
from partners.models import Drive


@pytest.mark.parametrize(
    "typed",
    [
        '"ada"@example.org',
        '"a\\da"@example.org',
        '"ada,sam@example.net"@example.org',
        '"><x"@example.org',
        "ada@[127.0.0.1]",
        "ada@localhost",
        "ada@ex\u00adample.org",
        "ada@example.org\u200b",
        "ada@stra\u00dfe.example",
        "ada@example.net\uff1e\uff0cada@example.org",
    ],
)
def test_an_address_that_may_be_another_ones_is_refused_beside_the_field(
    drive: Drive, client: Client, form_of_ada: dict[str, str], typed: str
) -> None:
    answer = client.post("/", form_of_ada | {"email": typed})

    assert answer.status_code == 422
    assert "Enter an e-mail address we can reach you at" in answer.content.decode()
    assert not Candidate.objects.exists()


@pytest.mark.parametrize(
    "typed", ["ADA@example.org", "ada@exam\uff50le.org", "\u212ada@example.org"]
)
def test_what_is_written_to_is_what_is_compared(
    drive: Drive, client: Client, form_of_ada: dict[str, str], typed: str
) -> None:
    """Or a stranger could take somebody's place with an address whose mail goes elsewhere."""
    client.post("/", form_of_ada | {"email": typed})

    person = Candidate.objects.get()
    assert person.email.lower() == person.email_canonical


@pytest.mark.parametrize("typed", ["ada@b\u00f6cker.example", "ada@xn--bcker-jua.example"])
def test_a_domain_in_its_letters_and_as_machines_write_it_is_one(typed: str) -> None:
    assert identity.canonical_email(identity.mailbox(typed)) == "ada@b\u00f6cker.example"


@pytest.mark.parametrize(
    "typed", ["o'hara+run@example.org", "ada@xn--strae-oqa.example", "ada@mail.example.co.uk"]
)
def test_ordinary_addresses_stay_as_they_were_typed(typed: str) -> None:
    assert identity.mailbox(typed) == typed
