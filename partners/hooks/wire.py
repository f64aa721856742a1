"""One POST to an address that others chose: to a checked address, once, and with an end."""

import contextlib
import http.client
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from partners.hooks import addresses
from partners.models.hooks import Delivery
from recruit import deadlines

CONNECT_SECONDS = 3
# Of the whole conversation: a byte a second is an answer, too.
ALL_SECONDS = 10
MOST_READ = 64 * 1024

Outcome = Delivery.Outcome
# Those of the machine: what a browser trusts is not what we would ship.
TRUSTED = ssl.create_default_context()
_PORTS = {"https": 443, "http": 80}


class Unreachable(Exception):
    """Nobody listens there."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a POST. Nothing that the other side wrote is in it."""

    outcome: Delivery.Outcome
    milliseconds: int = 0
    status: int | None = None


def post(*, address: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Send it once, follow nothing, and say how it went: never raises for what others did."""
    begun = time.monotonic()
    outcome, status = _try(urlsplit(address), body, headers, begun)
    return Answer(outcome, int(1000 * (time.monotonic() - begun)), status)


def _try(
    parts: SplitResult, body: bytes, headers: Mapping[str, str], begun: float
) -> tuple[Delivery.Outcome, int | None]:
    try:
        status = _ask(parts, body, headers)
    except addresses.Refused:
        return Outcome.REFUSED, None
    except addresses.NoName:
        return Outcome.NO_NAME, None
    except ssl.SSLError:
        return _late(begun) or Outcome.BAD_TLS, None
    except Unreachable:
        return Outcome.UNREACHABLE, None
    except TimeoutError:
        return Outcome.TOO_SLOW, None
    except (OSError, http.client.HTTPException, ValueError):
        return _late(begun) or Outcome.CUT, None
    return _meaning(status), status


def _late(begun: float) -> Delivery.Outcome | None:
    """The deadline cuts the line: to whoever waits for it that looks as if the other side had."""
    is_late = time.monotonic() - begun >= ALL_SECONDS
    return Outcome.TOO_SLOW if is_late else None


def _meaning(status: int) -> Delivery.Outcome:
    if 200 <= status < 300:
        return Outcome.ACCEPTED
    if 300 <= status < 400:
        return Outcome.REDIRECT
    return Outcome.GONE if status == http.HTTPStatus.GONE else Outcome.STATUS


def _ask(parts: SplitResult, body: bytes, headers: Mapping[str, str]) -> int:
    host = parts.hostname or ""
    line = http.client.HTTPConnection(host, parts.port or _PORTS[parts.scheme])
    line.auto_open = 0  # or it would look the name up once more, and connect to what it finds
    with deadlines.within(ALL_SECONDS, lambda: deadlines.shut(line.sock)):
        try:
            _connect(line, parts.scheme)
            path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
            line.request("POST", path, body, dict(headers))
            answer = line.getresponse()
            # Its body tells us nothing; a sender that hangs up at once may look like a failure.
            with contextlib.suppress(OSError, http.client.HTTPException):
                answer.read(MOST_READ)
            return answer.status
        finally:
            line.close()


def _connect(line: http.client.HTTPConnection, scheme: str) -> None:
    """Connect to the very address that was checked; certificate and SNI are of the name."""
    if scheme != "https" and not addresses.may_be_plain(line.host):
        raise addresses.Refused
    address = addresses.look_up(host=line.host, port=line.port)
    line.sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    # Head and body leave in two writes: the second would wait 40 ms for an answer to the first.
    line.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    line.sock.settimeout(CONNECT_SECONDS)
    try:
        line.sock.connect((address, line.port))
    except TimeoutError:
        raise
    except OSError as failure:
        raise Unreachable from failure
    line.sock.settimeout(ALL_SECONDS)
    if scheme == "https":
        # The handshake afterwards, or the deadline would not know what to cut.
        line.sock = TRUSTED.wrap_socket(
            line.sock, server_hostname=line.host, do_handshake_on_connect=False
        )
        line.sock.do_handshake()
