"""POSTs to an address that others chose: over a checked line, following nothing, with an end."""

import contextlib
import http.client
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from urllib.parse import urlsplit

from partners.hooks import addresses
from partners.models.attempts import Outcome, Place
from recruit import deadlines

CONNECT_SECONDS = 3
# Of the whole conversation: a byte a second is an answer, too.
ALL_SECONDS = 10
MOST_READ = 64 * 1024
# Who asks us to wait says so with these, in a header no longer than a date.
ASKING, MOST_ASKED = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE), 40

# Those of the machine: what a browser trusts is not what we would ship.
TRUSTED = ssl.create_default_context()
_PORTS = {"https": 443, "http": 80}


class Unreachable(Exception):
    """Nobody listens there."""


FAILURES = (
    OSError, http.client.HTTPException, ValueError,
    addresses.Refused, addresses.NoName, Unreachable,
)  # fmt: skip
# How a line that was kept shows that the other side had closed it, or said more than its answer.
DEAD = (ConnectionError, ssl.SSLError, http.client.BadStatusLine)


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a POST. All that the other side wrote of it is `retry_after`, cut short."""

    outcome: Outcome
    milliseconds: int = 0
    status: int | None = None
    retry_after: str = ""
    place: Place | None = None


class Line:
    """A line to one address, kept from one POST to the next while the other side keeps it.

    It leads to the address that was checked when it was connected, for as long as it is kept.
    """

    def __init__(self, *, address: str) -> None:
        parts = urlsplit(address)
        self._scheme = parts.scheme
        self._path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
        self._http = http.client.HTTPConnection(
            parts.hostname or "", parts.port or _PORTS[parts.scheme]
        )
        self._http.auto_open = 0  # or it would look the name up, and connect to that
        # Of our own, because the library forgets its own before the last of an answer was read.
        self._socket: socket.socket | None = None
        self._ends_at = 0.0

    def close(self) -> None:
        self._http.close()
        self._socket = None

    def post(self, *, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send it and say how it went: never raises for what others did.

        Sent twice where a kept line turns out to be dead: under one id, as a receiver may expect.
        """
        self._ends_at = time.monotonic() + ALL_SECONDS
        try:
            with deadlines.within(ALL_SECONDS, lambda: deadlines.shut(self._socket)):
                answer = self._ask(body, headers)
        except FAILURES as failure:
            self.close()
            answer = _failed(failure, is_late=self._is_late())
        spent = ALL_SECONDS + time.monotonic() - self._ends_at
        return replace(answer, milliseconds=int(1000 * spent))

    def _is_late(self) -> bool:
        return time.monotonic() >= self._ends_at

    def _ask(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        if self._http.sock is not None:
            try:
                return self._converse(body, headers)
            except DEAD:
                self.close()
                if self._is_late():
                    raise
        self._connect()
        return self._converse(body, headers)

    def _converse(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        self._http.request("POST", self._path, body, dict(headers))
        answer = self._http.getresponse()
        # Its body tells us nothing; a sender that hangs up at once may look like a failure.
        with contextlib.suppress(OSError, http.client.HTTPException):
            answer.read(MOST_READ)
        if not answer.isclosed():  # there is more of it, with which the next answer would begin
            answer.close()
            self.close()
        is_asking = answer.status in ASKING
        asked = answer.getheader("Retry-After", "")[:MOST_ASKED] if is_asking else ""
        return Answer(_meaning(answer.status), status=answer.status, retry_after=asked)

    def _connect(self) -> None:
        """Connect to the very address that was checked; certificate and SNI are of the name."""
        host, port = self._http.host, self._http.port
        if self._scheme != "https" and not addresses.may_be_plain(host):
            raise addresses.Refused
        address = addresses.look_up(host=host, port=port)
        line = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
        self._hold(line)
        # Head and body leave in two writes: the second would wait 40 ms for an answer to the first.
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.settimeout(CONNECT_SECONDS)
        try:
            line.connect((address, port))
        except TimeoutError:
            raise
        except OSError as failure:
            raise Unreachable from failure
        line.settimeout(ALL_SECONDS)
        if self._scheme == "https":
            # The handshake afterwards, or the deadline would not know what to cut.
            safe = TRUSTED.wrap_socket(line, server_hostname=host, do_handshake_on_connect=False)
            self._hold(safe)
            safe.do_handshake()

    def _hold(self, line: socket.socket) -> None:
        self._socket = self._http.sock = line


def _failed(failure: Exception, *, is_late: bool) -> Answer:
    """Say what it was; the deadline cuts the line, which looks as if the other side had."""
    match failure:
        case addresses.Refused():
            return Answer(Outcome.REFUSED, place=failure.place)
        case addresses.NoName():
            return Answer(Outcome.NO_NAME)
        case Unreachable():
            return Answer(Outcome.UNREACHABLE)
        case TimeoutError():
            return Answer(Outcome.TOO_SLOW)
    if is_late:
        return Answer(Outcome.TOO_SLOW)
    is_of_tls = isinstance(failure, ssl.SSLError)
    return Answer(Outcome.BAD_TLS if is_of_tls else Outcome.CUT)


def _meaning(status: int) -> Outcome:
    if 200 <= status < 300:
        return Outcome.ACCEPTED
    if 300 <= status < 400:
        return Outcome.REDIRECT
    return Outcome.GONE if status == HTTPStatus.GONE else Outcome.STATUS
