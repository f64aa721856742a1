"""The line to the mail server is watched by one thread for as long as it is open."""

import threading

import pytest
from django.core.mail import EmailMessage, get_connection

from recruit.local import processes
from tests.sink import Sink


def watchers() -> int:
    return sum(thread.name == "mail deadline" for thread in threading.enumerate())


def test_all_letters_of_a_line_are_watched_by_one_thread(
    sink: Sink, monkeypatch: pytest.MonkeyPatch
):
    started: list[str] = []
    start = threading.Thread.start
    monkeypatch.setattr(
        threading.Thread, "start", lambda it: (started.append(it.name), start(it))[1]
    )
    line = get_connection()
    line.open()
    for number in range(5):
        line.send_messages([EmailMessage(f"{number}", "Hello.", to=["ada@example.org"])])
    line.close()

    assert len(sink.messages) == 5
    assert started == ["mail deadline"]


def test_nobody_watches_a_line_that_is_closed(sink: Sink):
    line = get_connection()
    line.open()
    assert watchers() == 1

    line.close()

    assert processes.wait_until(lambda: not watchers(), seconds=5)


def test_nobody_watches_a_line_that_did_not_open(settings):
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = "recruit.mail.EmailBackend", "127.0.0.1"
    settings.EMAIL_PORT = 1

    with pytest.raises(OSError, match="refused"):
        get_connection().open()

    assert processes.wait_until(lambda: not watchers(), seconds=5)
