"""The mail server of our tests misbehaves exactly as it is told."""

import smtplib

import pytest

from tests import mails
from tests.sink import Sink


def test_the_sink_refuses_whom_it_is_told_to(zoe, owed, sink: Sink) -> None:
    sink.refuse = {"zoe@example.org": (550, "no such person")}

    with pytest.raises(smtplib.SMTPRecipientsRefused, match="no such person"):
        mails.written(owed(zoe)).send()
    assert sink.messages == []


@pytest.mark.parametrize("is_kept", [True, False])
def test_the_sink_cuts_the_line_when_told_to(is_kept: bool, zoe, owed, sink: Sink) -> None:
    sink.drop_after, sink.drop_keeps = 0, is_kept

    with pytest.raises(OSError):
        mails.written(owed(zoe)).send()
    assert len(sink.messages) == is_kept


def test_the_sink_hangs_when_told_to(zoe, owed, sink: Sink, settings) -> None:
    sink.hang_seconds, settings.EMAIL_TIMEOUT = 60, 0.2

    with pytest.raises(OSError):
        mails.written(owed(zoe)).send()
    assert sink.messages == []


def test_the_sink_says_what_it_is_told_to(zoe, owed, sink: Sink) -> None:
    sink.answer_data = (421, "come back later")

    with pytest.raises(smtplib.SMTPDataError, match="come back later"):
        mails.written(owed(zoe)).send()
    assert sink.messages == []
