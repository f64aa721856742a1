"""What a step says: every saving is a version, none is lost, and one can go back."""

import pytest
from django.core import mail

from candidates import letters, previews, texts, versions, wording
from candidates.models import Candidate, FollowUp, Step, StepText
from partners.models import Partner, User
from tests.conftest import NOON
from tests.sequences.conftest import BODY
from tests.sink import Sink

pytestmark = pytest.mark.django_db
OTHER = "# Hello again\n\nHi {first_name|friend}.\n"


def write(place: texts.Place, staffer: User, body: str, *, seen: int = 1) -> StepText | None:
    return texts.write(place=place, subject="Hello", body=body, seen=seen, author=staffer, now=NOON)


def test_new_words_are_a_new_version_and_the_old_one_stays(
    place: texts.Place, staffer: User
) -> None:
    write(place, staffer, OTHER)

    kept = texts.versions(place=place)
    assert [(it.version, it.body, it.author) for it in kept] == [
        (2, OTHER, staffer), (1, BODY, staffer)
    ]  # fmt: skip


def test_words_that_did_not_change_make_no_version(place: texts.Place, staffer: User) -> None:
    write(place, staffer, OTHER)

    again = [OTHER.replace("\n", "\r\n"), f"\n{OTHER}\n\n"]

    assert [write(place, staffer, it, seen=2) for it in again] == [None, None]
    assert texts.versions(place=place).count() == 2


def test_who_began_with_an_older_version_overwrites_nobody(
    place: texts.Place, staffer: User
) -> None:
    write(place, staffer, OTHER)

    with pytest.raises(texts.Outdated) as outdated:
        write(place, staffer, "# Mine", seen=1)

    assert outdated.value.newest.version == 2
    assert write(place, staffer, "# Mine", seen=2)


def test_each_language_and_partner_counts_its_own_versions(
    place: texts.Place, partner: Partner, staffer: User
) -> None:
    theirs = texts.Place(place.step, "en", partner)
    spanish = texts.Place(place.step, "es")

    made = [write(it, staffer, OTHER, seen=0) for it in (theirs, spanish)]

    assert [it.version for it in made if it] == [1, 1]
    assert texts.versions(place=place).count() == 1


def test_words_that_can_not_be_sent_are_not_kept(place: texts.Place, staffer: User) -> None:
    with pytest.raises(wording.Refused) as refused:
        write(place, staffer, "# Hi\n\nDear {fist_name|friend},\n\n[So](http://example.org)")

    assert [(it.part, it.line) for it in refused.value.faults] == [("body", 3), ("body", 5)]
    assert texts.versions(place=place).count() == 1


def test_the_history_says_what_changed_and_how_many_got_each(
    place: texts.Place, confirmed: Candidate, staffer: User
) -> None:
    new = write(place, staffer, OTHER)
    old = texts.versions(place=place).get(version=1)
    for text, sent_at in ((old, NOON), (new, None)):
        FollowUp.objects.filter(candidate=confirmed, step=place.step).delete()
        FollowUp.objects.create(
            candidate=confirmed, step=place.step, lane=1, anchor_at=NOON, due_at=NOON,
            text=text, sent_at=sent_at,
        )  # fmt: skip
        if sent_at:
            assert [it.sent for it in versions.history(place=place)] == [0, 1]

    second, first = versions.history(place=place)

    assert second.lines == [
        ("-", "About one"), ("-", "# Hello"), ("+", "Hello"), ("+", "# Hello again"),
        ("", ""), ("", "Hi {first_name|friend}."),
    ]  # fmt: skip
    assert {sign for sign, _line in first.lines} == {""}
    assert second.sent == 0


def parts(letter: letters.Letter) -> str:
    return f"{letter.subject} {letter.body} {letter.alternatives[0][0]} {letter.message()}"


def test_a_preview_shows_the_lead_and_none_of_their_keys(
    place: texts.Place, confirmed: Candidate
) -> None:
    body = "# Hi {first_name|friend}\n\n[Stop sharing]({sharing_link})"
    reader = previews.find(email=" ADA@example.org", language="es")
    assert reader
    before = [FollowUp.objects.count(), StepText.objects.count()]

    letter = previews.write(place=place, subject="Hello", body=body, reader=reader)

    assert "Hi Ada" in parts(letter)
    real = letters._words(confirmed, None)
    assert [real[it] for it in letters.NO_KEYS if real[it] in parts(letter)] == []
    assert "/unsubscribe/preview/" in str(letter.body)
    assert [FollowUp.objects.count(), StepText.objects.count()] == before


def test_without_an_address_the_newest_of_that_language_is_shown(
    place: texts.Place, confirmed: Candidate
) -> None:
    for language, expected in (("en", confirmed), ("es", None)):
        found = previews.find(email="", language=language)
        assert (found and found.candidate) == expected
    assert previews.find(email="nobody@example.org", language="en") is None


def test_a_copy_goes_to_the_colleague_alone_and_is_no_follow_up(
    place: texts.Place, staffer: User, sink: Sink
) -> None:
    before = FollowUp.objects.count()

    previews.send_to_oneself(place=place, subject="Hi", body=OTHER, user=staffer, now=NOON)

    (copy,) = sink.received
    assert copy.recipients == [staffer.email]
    assert copy.message["Subject"] == "[Test] Hi"
    assert "Hi Alma." in copy.message.get_body(("plain",)).get_content()
    assert FollowUp.objects.count() == before


def test_a_server_that_refuses_the_copy_is_quoted(
    place: texts.Place, staffer: User, sink: Sink
) -> None:
    sink.refuse[staffer.email] = (550, "no such mailbox")

    with pytest.raises(previews.NotSent) as failure:
        previews.send_to_oneself(place=place, subject="Hi", body=OTHER, user=staffer, now=NOON)

    assert failure.value.answer == "550 no such mailbox"


def test_a_copy_of_the_confirmation_can_be_sent(staffer: User) -> None:
    step = Step.objects.select_related("sequence").get(sequence__slug="confirmation", number=1)
    text = step.texts.get(language="es")

    previews.send_to_oneself(
        place=texts.Place(step, "es"), subject=text.subject, body=text.body, user=staffer, now=NOON
    )

    assert "/confirm/preview/" in str(mail.outbox[0].body)
