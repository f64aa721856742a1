"""Words are withdrawn: what others get leaves instead, and the story keeps what was."""

import pytest
from django.contrib.admin.models import LogEntry
from django.db import IntegrityError, transaction
from django.test import Client

from candidates import editing, sequences, texts, wording
from candidates.models import Sequence, Step, StepText
from partners.models import Partner, User
from tests.conftest import NOON
from tests.sequences.conftest import BODY
from tests.sequences.test_pages import everything, logged, said, text, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def theirs(first: Step, partner: Partner, staffer: User) -> texts.Place:
    """Where the partner has words of its own, in English."""
    place = texts.Place(first, "en", partner)
    write(place, "From your union", staffer)
    return place


def write(place: texts.Place, subject: str, author: User, seen: int = 0) -> None:
    texts.write(place=place, subject=subject, body=BODY, seen=seen, author=author, now=NOON)


def withdraw(place: texts.Place, author: User, seen: int = 1) -> StepText:
    return texts.withdraw(place=place, seen=seen, author=author, now=NOON)


def sent_to(place: texts.Place, language: str = "en") -> str:
    found = sequences.text_for(
        texts=sequences.current_texts(steps=[place.step]),
        step=place.step,
        language=language,
        partner_id=place.partner.pk if place.partner else None,
    )
    return found.subject if found else ""


def test_a_partner_gets_what_everybody_gets_again(theirs: texts.Place, staffer: User) -> None:
    assert sent_to(theirs) == "From your union"

    withdraw(theirs, staffer)

    assert sent_to(theirs) == "About one"
    kept = texts.versions(place=theirs)
    assert [(it.version, it.subject, it.is_withdrawal) for it in kept] == [
        (2, "", True), (1, "From your union", False)
    ]  # fmt: skip


def test_their_spanish_is_withdrawn_to_everybodys_spanish(
    first: Step, partner: Partner, staffer: User
) -> None:
    own = texts.Place(first, "es", partner)
    write(own, "Del sindicato", staffer)
    write(texts.Place(first, "es"), "Hola", staffer)

    withdraw(own, staffer)

    assert sent_to(own, "es") == "Hola"


def test_everybodys_spanish_is_withdrawn_to_english(first: Step, staffer: User) -> None:
    spanish = texts.Place(first, "es")
    write(spanish, "Hola", staffer)

    withdraw(spanish, staffer)

    assert sent_to(spanish, "es") == "About one"


def test_everybodys_english_stays(place: texts.Place, staffer: User) -> None:
    """All others fall back to it, in what ships as in what staff wrote."""
    shipped = Step.objects.select_related("sequence").get(sequence__slug="welcome", number=1)

    for it in (place, texts.Place(shipped, "en")):
        with pytest.raises(texts.NotWithdrawn):
            withdraw(it, staffer)

    assert sent_to(place) == "About one"


def test_what_was_never_written_is_not_withdrawn(place: texts.Place, staffer: User) -> None:
    with pytest.raises(texts.NotWithdrawn):
        withdraw(texts.Place(place.step, "es"), staffer, seen=0)


def test_what_ships_in_spanish_is_never_withdrawn_to_nothing(staffer: User) -> None:
    step = Step.objects.select_related("sequence").get(sequence__slug="welcome", number=1)
    spanish = texts.Place(step, "es")

    withdraw(spanish, staffer)

    assert sent_to(spanish, "es") == step.texts.get(language="en").subject
    write(spanish, "Hola", staffer, seen=2)
    assert sent_to(spanish, "es") == "Hola"


def test_withdrawing_twice_adds_one_version(theirs: texts.Place, staffer: User) -> None:
    again = [withdraw(theirs, staffer).version for _time in range(2)]

    assert again == [2, 2]


def test_who_saw_older_words_withdraws_nothing(theirs: texts.Place, staffer: User) -> None:
    write(theirs, "Newer", staffer, seen=1)

    with pytest.raises(texts.Outdated):
        withdraw(theirs, staffer)

    assert sent_to(theirs) == "Newer"


def test_withdrawn_words_can_be_written_again(theirs: texts.Place, staffer: User) -> None:
    withdraw(theirs, staffer)

    write(theirs, "From your union", staffer, seen=2)

    assert sent_to(theirs) == "From your union"
    with pytest.raises(wording.Refused):
        write(theirs, "", staffer, seen=3)


def test_a_sequence_without_english_words_stays_off(call: Sequence) -> None:
    editing.switch_off(sequence=call)
    step = call.steps.get(name="one")
    StepText.objects.create(
        step=step, language="en", version=2, is_withdrawal=True, written_at=NOON
    )

    with pytest.raises(editing.NotAllowed, match="for: one"):
        editing.switch_on(sequence=call, now=NOON)


def test_a_withdrawal_says_nothing(first: Step) -> None:
    with pytest.raises(IntegrityError, match="text_that_withdraws"), transaction.atomic():
        StepText.objects.create(
            step=first, language="es", version=1, is_withdrawal=True, written_at=NOON, subject="X"
        )


def test_a_colleague_is_asked_first_and_it_is_logged(
    staff: Client, theirs: texts.Place, partner: Partner
) -> None:
    address = text(theirs.step, "withdraw/", partner=partner.pk)
    versions = text(theirs.step, "versions/", partner=partner.pk)
    assert "Withdraw these words" in words(staff.get(versions))
    before = everything()

    asked = words(staff.get(address))
    assert f"Who came through {partner} gets what everybody gets" in asked
    assert "“About one” English" in asked
    assert everything() == before
    done = staff.post(address, {"version": "1"}, follow=True)

    told = f"one, English, for {partner}: withdrawn, version 2."
    assert (said(done), logged()[-1]) == (told, told)
    assert "Version 2 withdrawn" in words(done)
    assert "Withdraw these words" not in words(done)
    staff.post(versions, {"version": "1"})
    assert sent_to(theirs) == "From your union"


def test_what_was_withdrawn_begins_with_what_leaves_instead(
    staff: Client, theirs: texts.Place, staffer: User, partner: Partner
) -> None:
    withdraw(theirs, staffer)

    page = staff.get(text(theirs.step, partner=partner.pk))

    assert 'value="About one"' in page.content.decode()
    assert 'name="seen" value="2"' in page.content.decode()
    assert "withdrawn: what others get leaves instead" in words(page)


def test_what_can_not_be_withdrawn_has_no_page(
    staff: Client, theirs: texts.Place, staffer: User, partner: Partner
) -> None:
    withdraw(theirs, staffer)
    own, spanish = text(theirs.step, "withdraw/", partner=partner.pk), "withdraw/"

    for address in (
        own,
        text(theirs.step, "withdraw/"),
        text(theirs.step, spanish, language="es"),
    ):
        assert staff.get(address).status_code == 404
        assert staff.post(address, {"version": "1"}).status_code == 404
    assert "Withdraw these words" not in words(staff.get(text(theirs.step, "versions/")))
    again = staff.post(text(theirs.step, "versions/", partner=partner.pk), {"version": "2"})
    assert again.status_code == 404


def test_who_may_only_look_withdraws_nothing(
    looker: Client, theirs: texts.Place, partner: Partner
) -> None:
    address = text(theirs.step, "withdraw/", partner=partner.pk)

    assert looker.get(address).status_code == looker.post(address).status_code == 403
    assert (theirs.step.texts.count(), LogEntry.objects.count()) == (2, 0)
