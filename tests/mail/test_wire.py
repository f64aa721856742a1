"""What is put on the wire says the same as the message that Django makes of it."""

from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from django.core.mail import BadHeaderError, get_connection
from hypothesis import example, given, settings
from hypothesis import strategies as st

from recruit.wire import Letter
from tests.sink import Sink

WORDS = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), min_size=1, max_size=200)


def letter(subject: str = "Hello", text: str = "Hello.\n", name: str = "Ada") -> Letter:
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    made = Letter(
        subject,
        text,
        '"Example Day" <hello@example.org>',
        [f'"{quoted}" <ada@example.org>'],
        reply_to=["answers@example.org"],
        headers={"Message-ID": "<1@example.org>", "Content-Language": "en"},
    )
    made.attach_alternative(f"<p>{text}</p>", "text/html")
    made.boundary = "letter-1"
    return made


def told(content: bytes) -> tuple[object, ...]:
    """All that a mail program reads in it, but when it was written."""
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    parts = [(dict(it.items()), it.get_content()) for it in message.iter_parts()]
    # Django begins a long subject with a space that nobody typed.
    headers = {name: str(it).strip() for name, it in message.items() if name != "Date"}
    return headers, parts


@settings(max_examples=60)
@given(WORDS, WORDS, WORDS)
@example("¿Lista, Zoë?", "A line.\nAñother.\n\n.\n.. dots", 'Zoë "Z" O\'Brien')
@example("A subject that is longer than what fits into a line, by a good deal", "x", "Ada")
def test_the_wire_says_what_django_says(subject: str, text: str, name: str):
    made = letter(subject, text, name)

    wire = made.wire()

    assert wire is not None
    assert told(wire) == told(made.message().as_bytes(linesep="\r\n"))
    assert b"\n" not in wire.replace(b"\r\n", b"")


@pytest.mark.parametrize("subject", ["Hello\nBcc: eve@example.org", "Hello\rBcc: e", "¡Eh!\n"])
def test_a_line_break_in_a_header_is_refused(subject: str):
    with pytest.raises(BadHeaderError):
        letter(subject).wire()


def test_what_is_too_long_for_a_line_is_left_to_django(sink: Sink):
    made = letter(text="x" * 2_000)
    assert made.wire() is None

    get_connection().send_messages([made])

    (message,) = sink.messages
    assert max(map(len, sink.received[0].content.splitlines())) < 998
    assert "x" * 2_000 in message.get_body(("plain",)).get_content()


def test_an_address_that_is_not_ascii_is_left_to_django():
    made = letter()
    made.to = ["ada@exämple.org"]

    assert made.wire() is None


def test_a_letter_to_several_is_left_to_django():
    made = letter()
    made.bcc = ["eve@example.org"]

    assert made.wire() is None


def test_it_goes_to_whom_it_was_addressed_last(sink: Sink):
    """As a test is sent to the colleague who wrote the words."""
    made = letter()
    made.to = ["sam@example.org"]

    get_connection().send_messages([made])

    assert sink.received[0].recipients == ["sam@example.org"]


def test_it_arrives_from_the_bare_address_for_the_reader_alone(sink: Sink):
    get_connection().send_messages([letter()])

    (received,) = sink.received
    assert (received.sender, received.recipients) == ("hello@example.org", ["ada@example.org"])
