"""What we sign is what dkimpy, which read RFC 6376 for itself, calls right."""

import re
from email.message import EmailMessage

import dkim as theirs
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.mail import send_mail
from hypothesis import given, settings
from hypothesis import strategies as st

from candidates.models import Candidate
from recruit import dkim
from tests import mails
from tests.conftest import NOON
from tests.mail.conftest import somebody  # noqa: F401
from tests.sink import Sink

KEY = rsa.generate_private_key(public_exponent=65537, key_size=1024)
PEM = KEY.private_bytes(
    serialization.Encoding.PEM,
    serialization.PrivateFormat.PKCS8,
    serialization.NoEncryption(),
).decode()
SIGNER = dkim.Signer("example.org", "mail", PEM)
PUBLIC = KEY.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)
AT = int(NOON.timestamp())


def dns(name: bytes, timeout: int = 5) -> bytes | None:
    if name != b"mail._domainkey.example.org.":
        return None
    return b"v=DKIM1; k=rsa; p=" + b"".join(PUBLIC.splitlines()[1:-1])


def is_right(message: bytes) -> bool:
    return bool(theirs.verify(message, dnsfunc=dns))


def sign(message: bytes) -> bytes:
    return dkim.signed(message=message, signer=SIGNER, at=AT)


def header(message: bytes) -> str:
    return re.sub(r"\s+", " ", message.partition(b"\r\nFrom:")[0].decode())


LETTER = (
    b"From: Us <hello@example.org>\r\nTo: a@example.org\r\nSubject: Hello\r\n  there \t you\r\n"
    b"Date: Sat, 14 Nov 2026 17:00:00 +0000\r\nMessage-ID: <1@example.org>\r\n\r\nHello. \r\n\r\n"
)


def test_a_signed_letter_is_right_and_changed_ones_are_not():
    signed = sign(LETTER)

    assert is_right(signed)
    assert not is_right(LETTER)
    assert not is_right(signed.replace(b"Hello.", b"Hallo."))
    assert not is_right(signed.replace(b"there", b"where"))
    assert not is_right(signed.replace(b"d=example.org", b"d=example.net"))


def test_nobody_can_add_a_second_sender_or_subject():
    signed = sign(LETTER)

    for added in (b"From: them@example.net\r\n", b"Subject: Buy\r\n", b"To: b@example.org\r\n"):
        assert not is_right(added + signed)  # readers show the first one
        assert not is_right(signed.replace(b"\r\n\r\n", b"\r\n" + added + b"\r\n", 1))


def test_blanks_and_folds_that_a_relay_may_change_change_nothing():
    signed = sign(LETTER)

    assert is_right(signed.replace(b"Hello. \r\n", b"Hello.\r\n"))
    assert is_right(signed.replace(b"Subject: Hello\r\n  there", b"SUBJECT:Hello there"))
    assert is_right(signed + b"\r\n\r\n")


bodies = st.lists(st.sampled_from([b"a", b" ", b"\t", b"\r\n", b".", b"\xc3\xa9"])).map(b"".join)


@settings(max_examples=150)
@given(body=bodies, subject=st.lists(st.sampled_from([b"x", b" ", b"\t", b"\r\n ", b":"])))
def test_any_body_and_any_folding_is_right(body: bytes, subject: list[bytes]):
    head = LETTER.partition(b"\r\n\r\n")[0].replace(b"Hello\r\n", b"".join(subject) + b"y\r\n")

    assert is_right(sign(head + b"\r\n\r\n" + body + b"\r\n"))


def test_every_letter_that_leaves_by_smtp_is_signed(sink: Sink, somebody, settings):  # noqa: F811
    settings.DKIM = SIGNER
    zoe: Candidate = somebody()

    mails.written(mails.owe(zoe, mails.WELCOME, at=NOON)).send()
    send_mail("Your password", "Here.\n", "hello@example.org", ["olu@example.org"])

    assert [is_right(it.content) for it in sink.received] == [True, True]
    signed = header(sink.received[0].content)
    for name in ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"):
        assert f":{name}:" in signed.replace("h=", ":").replace("; bh", ":; bh"), name
    assert "List-Unsubscribe:List-Unsubscribe-Post:" in signed


def test_without_a_key_nothing_is_signed(sink: Sink, db: None):
    send_mail("Your password", "Here.\n", "hello@example.org", ["olu@example.org"])

    assert "DKIM-Signature" not in sink.messages[0]


@pytest.mark.parametrize("pem", ["", "hello", PEM.replace("A", "B"), PUBLIC.decode()])
def test_a_broken_key_is_called_so(pem: str):
    with pytest.raises(dkim.BrokenKey):
        dkim.read_key(pem)


def test_a_message_without_a_body_is_right():
    bare = EmailMessage()
    bare["From"], bare["Subject"], bare["Date"] = "hello@example.org", "x", "now"

    assert is_right(sign(bare.as_bytes().replace(b"\n", b"\r\n")))
