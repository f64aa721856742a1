"""What arrives over real SMTP, for every step, in every language."""

from collections.abc import Callable
from email import message_from_bytes
from email.header import decode_header, make_header

import pytest
from django.test import override_settings

from candidates import keys, letters
from candidates.models import Candidate, FollowUp, Touch
from partners.models import Partner, ReferralLink
from tests import mails
from tests.mail import linter
from tests.mail.conftest import NOON
from tests.sink import Sink

Owe = Callable[..., FollowUp]
LANGUAGES = ["en", "es"]


@pytest.mark.parametrize("place", mails.SHIPPED)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_letter_is_one_a_mailbox_provider_trusts(
    place: tuple[str, int],
    language: str,
    somebody: Callable[..., Candidate],
    owed: Owe,
    arrived,
    settings,
) -> None:
    message = arrived(owed(somebody(language=language), place))

    assert linter.complaints(message) == []


def test_the_letter_says_who_it_is_from_and_for(zoe, owed: Owe, arrived, settings) -> None:
    message = arrived(owed(zoe))

    assert message["To"].addresses[0].addr_spec == "zoe@example.org"
    assert message["To"].addresses[0].display_name == "Zoë O'Brien"
    assert message["From"].addresses[0].display_name == settings.ORGANISATION
    assert message["Date"].datetime is not None


def sender_of(place, partner: Partner, zoe, owed: Owe, sink: Sink, language: str = "en"):
    zoe.language = language
    followup = mails.with_words(owed(zoe, place))
    letters.write(followup=followup, partner=partner).send()
    assert linter.complaints(sink.messages[-1]) == []
    return sink.messages[-1]["From"].addresses[0]


def lending(name: str) -> Partner:
    return Partner(name=name, slug="lends", lends_name_at=NOON)


def test_a_partner_that_lends_its_name_is_the_sender_via_us(zoe, owed: Owe, sink: Sink, settings):
    settings.ORGANISATION, settings.DEFAULT_FROM_EMAIL = "Us", "Us <hello@example.org>"

    sender = sender_of(("welcome", 3), lending("Acción, Inc."), zoe, owed, sink)

    assert (sender.display_name, sender.addr_spec) == ("Acción, Inc. via Us", "hello@example.org")
    assert sink.received[-1].sender == "hello@example.org"


def test_a_spanish_reader_is_told_so_in_spanish(zoe, owed: Owe, sink: Sink, settings):
    settings.ORGANISATION = "Us"

    sender = sender_of(("welcome", 3), lending("Vecinas"), zoe, owed, sink, language="es")

    assert sender.display_name == "Vecinas a través de Us"


def test_what_somebody_waits_for_comes_from_us(zoe, owed: Owe, sink: Sink, settings):
    sender = sender_of(mails.CONFIRM, lending("Vecinas"), zoe, owed, sink)

    assert sender.display_name == settings.ORGANISATION


def test_a_partner_that_lends_nothing_is_not_the_sender(zoe, owed: Owe, sink: Sink, settings):
    partner = Partner(name="Vecinas", slug="vecinas")

    sender = sender_of(("welcome", 3), partner, zoe, owed, sink)

    assert sender.display_name == settings.ORGANISATION


def test_a_partner_named_like_an_address_lends_no_name(zoe, owed: Owe, sink: Sink, settings):
    sender = sender_of(("welcome", 3), lending("bank.example/log-in"), zoe, owed, sink)

    assert sender.display_name == settings.ORGANISATION


def test_answers_go_where_the_sequence_says_or_else_the_house(zoe, owed: Owe, arrived, settings):
    settings.REPLY_TO = "house@example.org"
    followup = owed(zoe)
    assert str(arrived(followup)["Reply-To"]) == "house@example.org"

    followup.step.sequence.reply_to = "series@example.org"
    assert str(arrived(followup)["Reply-To"]) == "series@example.org"


def test_sending_again_carries_the_same_message_id(zoe, owed: Owe, sink: Sink, settings) -> None:
    followup = owed(zoe)

    mails.written(followup).send()
    mails.written(FollowUp.objects.get()).send()

    assert sink.message_ids == [f"<{followup.id}@{settings.MAIL_DOMAIN}>"] * 2


def test_the_text_part_is_text(zoe, owed: Owe, arrived) -> None:
    zoe.first_name = 'Siobhán O\'Neill & "Co"'

    message = arrived(owed(zoe))

    assert 'Hi Siobhán O\'Neill & "Co",\n' in message.get_body(("plain",)).get_content()
    html = message.get_body(("html",)).get_content()
    assert "Hi Siobhán O&#x27;Neill &amp; &quot;Co&quot;," in html


@pytest.mark.parametrize(
    ("first_name", "last_name", "shown"),
    [
        ("Zoë", "O'Brien, Jr.", "Zoë O'Brien, Jr."),
        ('Ada "Countess"', "Lovelace", 'Ada "Countess" Lovelace'),
        ("Back\\slash", "Name", "Back\\slash Name"),
        ("李", "小龍", "李 小龍"),
        ("100%", "%(greeting)s", "100% %(greeting)s"),
        ("J.R. 3rd", "St. John", "J.R. 3rd St. John"),
        (
            "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627",
            "A",
            "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627 A",
        ),
        ("👩‍🚀 Ada", "Ex", "👩‍🚀 Ada Ex"),
        ("SLOTconfirm_keySLOT", "{{ name }}", "SLOTconfirm_keySLOT {{ name }}"),
    ],
)
def test_any_name_arrives_as_it_was_typed(
    first_name: str, last_name: str, shown: str, zoe, owed: Owe, arrived
) -> None:
    zoe.first_name, zoe.last_name = first_name, last_name

    message = arrived(owed(zoe))

    assert [address.addr_spec for address in message["To"].addresses] == ["zoe@example.org"]
    assert message["To"].addresses[0].display_name == shown
    assert first_name in message.get_body(("plain",)).get_content()


def test_a_long_name_is_folded_as_rfc_2047_asks(zoe, owed: Owe, sink: Sink) -> None:
    zoe.first_name, zoe.last_name = "Zoë" * 26, "Ñandú" * 16

    mails.written(owed(zoe)).send()

    [received] = sink.received
    raw = message_from_bytes(received.content)["To"]  # the modern parser adds blanks
    assert max(len(line) for line in raw.splitlines()) <= 78
    assert str(make_header(decode_header(raw))) == f"{'Zoë' * 26} Ñ <zoe@example.org>"


@pytest.mark.parametrize(
    "name",
    [
        "Zoë O'Brien, Jr.\r\nBcc: x@example.org",
        "Zoë\r\n\r\nhello",
        "Win at https://example.com",
        "evil.example",
        "\u202egro.elpmaxe",
    ],
)
def test_a_name_that_smuggles_is_harmless(name: str, zoe, owed: Owe, sink: Sink, settings) -> None:
    zoe.first_name = name

    mails.written(owed(zoe)).send()

    [received] = sink.received
    assert received.recipients == ["zoe@example.org"]
    assert linter.complaints(received.message) == []
    assert "\u202e" not in str(received.message["To"])


@pytest.mark.parametrize(
    "name",
    [
        "Win at www.example.com",
        "Win at x.co",
        "ex\u200bample.\u200dcom",
        "example．com",
        "example。com",
        "example․com",
        "Win／example",
        "Locked? Call 900 555-0100",
        "\u3164",
        "\U000e0041",
        "-",
    ],
)
def test_a_name_that_is_an_address_or_a_number_or_nothing_is_not_said(
    name: str, zoe, owed: Owe, arrived
) -> None:
    """Mail programs make links of what looks like one, whatever the dot is made of."""
    zoe.first_name, zoe.last_name = name, ""

    message = arrived(owed(zoe))

    assert str(message["To"]) == "zoe@example.org"
    words = message.get_body(("plain",)).get_content()
    assert "\nHi there,\n" in words
    assert f"Hi {name}" not in words


def test_the_confirmation_leads_to_the_page_with_one_button(
    zoe, owed: Owe, arrived, settings
) -> None:
    message = arrived(owed(zoe))

    key = keys.make(purpose="confirm", candidate_id=zoe.id)
    address = f"{settings.BASE_URL}/confirm/{key}/"
    assert address in message.get_body(("plain",)).get_content()
    assert f'href="{address}"' in message.get_body(("html",)).get_content()


def test_a_spanish_speaker_is_led_to_spanish_pages(somebody, owed: Owe, arrived, settings) -> None:
    zoe = somebody(language="es")

    message = arrived(owed(zoe))

    text = message.get_body(("plain",)).get_content()
    assert f"{settings.BASE_URL}/es/confirm/" in text
    assert str(message["List-Unsubscribe"]).startswith(f"<{settings.BASE_URL}/es/unsubscribe/")
    assert message["Content-Language"] == "es"


def test_the_language_of_one_reader_does_not_leak_into_the_next(
    somebody, owed: Owe, arrived
) -> None:
    spanish, english = somebody(language="es"), somebody(email="ada@example.org")

    messages = [arrived(owed(person)) for person in (spanish, english)]

    assert ["/es/" in message.as_string() for message in messages] == [True, False]


def test_the_welcome_shares_the_link_that_brought_them(
    zoe,
    owed: Owe,
    link: ReferralLink,
    zoe_came_through,
    arrived,
    settings,
) -> None:
    zoe_came_through(link)

    message = arrived(owed(zoe, mails.WELCOME))

    assert f"\n{settings.BASE_URL}/r/{link.code}\n" in message.get_body(("plain",)).get_content()


def test_a_link_switched_off_is_not_shared(
    zoe,
    owed: Owe,
    link: ReferralLink,
    zoe_came_through,
    arrived,
    settings,
) -> None:
    link.switched_off_at = link.created_at
    link.save()
    zoe_came_through(link)

    message = arrived(owed(zoe, mails.WELCOME))

    text = message.get_body(("plain",)).get_content()
    assert f"\n{settings.BASE_URL}/\n" in text
    assert link.code not in text


@pytest.mark.parametrize("people", [1, 3])
def test_writing_many_letters_asks_the_database_no_more(
    people: int,
    somebody,
    owed: Owe,
    link: ReferralLink,
    django_assert_num_queries,
) -> None:
    for number in range(people):
        person = somebody(email=f"person-{number}@example.org")
        Touch.objects.create(
            candidate=person, link=link, raw_code=link.code, at=person.signed_up_at
        )
        owed(person, mails.WELCOME)

    with django_assert_num_queries(6):
        followups = list(
            FollowUp.objects.select_related(*letters.SELECT).prefetch_related(*letters.PREFETCH)
        )
    for followup in followups:
        mails.with_words(followup)

    with django_assert_num_queries(0):
        written = [letters.write(followup=followup) for followup in followups]
    assert len(written) == people


def test_another_address_of_the_site_reaches_the_next_letter(zoe, owed: Owe, arrived) -> None:
    followup = owed(zoe)
    arrived(followup)

    with override_settings(BASE_URL="https://run.example.org"):
        message = arrived(followup)

    assert "https://run.example.org/confirm/" in message.get_body(("plain",)).get_content()
    assert "127.0.0.1" not in message.get_body(("html",)).get_content()
