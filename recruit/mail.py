"""Mail by SMTP, with an end to every conversation: no attempt lasts more than 30 seconds."""

import contextlib
import smtplib
import socket
import threading
import time
from collections.abc import Iterator
from email.utils import parseaddr
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends import smtp
from django.core.mail.message import sanitize_address

from recruit import dkim
from recruit.wire import Letter

# EMAIL_TIMEOUT is for one answer, and one byte a second is an answer for ever. These are for the
# whole: greeting, TLS and log-in; one letter; good-bye. RFC 5321, 4.5.3.2.6 would wait 10 minutes
# for the last answer to a letter: a sender that waits so long is one that hangs.
OPEN_SECONDS, LETTER_SECONDS, CLOSE_SECONDS = 10, 17, 2
LOOK_SECONDS = 0.2


def _signed(message: bytes) -> bytes:
    signer = settings.DKIM
    return dkim.signed(message=message, signer=signer, at=int(time.time())) if signer else message


@lru_cache(maxsize=256)
def _bare(mailbox: str) -> str:
    """Return the address of a sender as it may stand in the envelope: there are few of them."""
    return parseaddr(sanitize_address(mailbox, "utf-8"))[1]


class EmailBackend(smtp.EmailBackend):
    """Django's, with deadlines. One that passed is a line that was cut: an OSError."""

    talking: smtplib.SMTP | None = None
    _deadline: float | None = None
    _watching: threading.Event | None = None

    @property
    def connection_class(self) -> Any:
        backend = self
        kind: Any = super().connection_class

        class Reachable(kind):  # type: ignore[misc]  # SMTP or SMTP_SSL
            """Known to its backend before the greeting: Django is told of it afterwards."""

            def connect(self, *words: Any, **options: Any) -> Any:
                backend.talking = self
                return super().connect(*words, **options)

            def sendmail(self, sender: str, to: list[str], message: bytes) -> Any:
                """Bounces go to the sender on the envelope, which no reader sees."""
                return super().sendmail(settings.BOUNCE_ADDRESS or sender, to, _signed(message))

        return Reachable

    def open(self) -> bool | None:
        if self.connection:
            return False  # as Django says it
        self._watch()
        try:
            with self._within(OPEN_SECONDS):
                is_new = super().open()
                if is_new and self.connection:
                    # Said here, so that what goes wrong before a letter is no letter's fault.
                    self.connection.ehlo_or_helo_if_needed()
                    self.connection.sock.settimeout(LETTER_SECONDS)  # type: ignore[union-attr]
        except BaseException:
            self.close()
            raise
        return is_new

    def close(self) -> None:
        with self._within(CLOSE_SECONDS), contextlib.suppress(OSError):
            super().close()
        if self._watching:
            self._watching.set()

    def _send(self, email_message: EmailMessage) -> bool:
        with self._within(LETTER_SECONDS):
            if isinstance(email_message, Letter) and (wire := email_message.wire()):
                return self._put(email_message, wire)
            return bool(super()._send(email_message))  # type: ignore[misc]  # not in the stubs

    def _put(self, letter: Letter, wire: bytes) -> bool:
        sender, reader = _bare(letter.from_email), letter.reader
        self.connection.sendmail(sender, [reader], wire)  # type: ignore[union-attr]
        return True

    @contextlib.contextmanager
    def _within(self, seconds: float) -> Iterator[None]:
        self._deadline = time.monotonic() + seconds
        try:
            yield
        finally:
            self._deadline = None

    def _watch(self) -> None:
        """Look at the deadline for as long as the line is open.

        A thread for each letter, and two for finding the line open, took 40 % of its time.
        """
        self._watching = is_over = threading.Event()

        def watch() -> None:
            while not is_over.wait(LOOK_SECONDS):
                deadline = self._deadline  # read once: a letter may end between two looks
                if deadline and time.monotonic() > deadline:
                    self._cut()

        threading.Thread(target=watch, name="mail deadline", daemon=True).start()

    def _cut(self) -> None:
        line = self.talking.sock if self.talking else None
        if line:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
