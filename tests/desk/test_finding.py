"""Staff find a person by the beginning of whatever they were told."""

import pytest

from candidates import finding
from candidates.models import Candidate

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(lead):
    lead("Ada", last_name="Lovelace", email_canonical="ada@example.org", phone="+13125550001")
    lead("Mary Ann", last_name="de la Cruz", email_canonical="mac@example.org", zip_code="94110")
    lead("José", last_name="Ávila", email_canonical="jose@example.org", phone="+14155550002")


@pytest.mark.parametrize(
    ("term", "found"),
    [
        ("love", {"Ada"}),
        ("LOVE", {"Ada"}),
        ("ada", {"Ada"}),
        ("ada love", {"Ada"}),
        ("  Ada   Lovelace ", {"Ada"}),
        ("lovelace, a", {"Ada"}),
        ("lovelace, b", set()),
        ("mary ann de la", {"Mary Ann"}),
        ("de la cruz", {"Mary Ann"}),
        ("de la cruz, mary", {"Mary Ann"}),
        ("JOSÉ", {"José"}),
        ("ávi", {"José"}),
        ("velace", set()),
        ("ada@", {"Ada"}),
        ("ADA@Example.org", {"Ada"}),
        ("@example.org", set()),
        ("(312) 555-0001", {"Ada"}),
        ("312.555", {"Ada"}),
        ("+1 312", {"Ada"}),
        ("13125550001", {"Ada"}),
        ("(415)", {"José"}),
        ("94110", {"Mary Ann"}),
        ("941", {"Mary Ann"}),
        ("100%", set()),
        ("_da", set()),
        ("", {"Ada", "Mary Ann", "José"}),
    ],
)
def test_typing_finds(term, found, people):
    rows = finding.people(rows=Candidate.objects.all(), term=term)

    assert {candidate.first_name for candidate in rows} == found


@pytest.mark.parametrize("term", ["\x00", "a" * 5000, "'; --", ",", "+", "()", "@", "1" * 400])
def test_no_typing_breaks_the_search(term, people):
    assert list(finding.people(rows=Candidate.objects.all(), term=term)[:1]) is not None
