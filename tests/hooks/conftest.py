"""A receiver on this machine that behaves as it is told, and endpoints that lead to it."""

import contextlib
import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from candidates import hooks as lead_hooks
from partners import hooks
from partners.hooks import outcomes, wire
from partners.models import Delivery, Endpoint, Partner, User
from partners.models.hooks import Event

LEADS = [it for it in Event if it not in (Event.PING, Event.MILESTONE_REACHED)]


@dataclass
class Heard:
    """One request that came in."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float = field(default_factory=time.monotonic)

    @property
    def said(self) -> dict[str, Any]:
        return json.loads(self.body)


class Receiver(http.server.ThreadingHTTPServer):
    """Answers 200, or as `behave` does. Counts how many requests it had at the same time."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.heard: list[Heard] = []
        self.behave: Callable[[_Handler], None] = answer(200)
        self.over = threading.Event()
        self.inside, self.most_inside, self.lock = 0, 0, threading.Lock()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook"

    def handle_error(self, *_request: object) -> None:
        """Whoever hangs up on us is what some tests are about."""


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.server.lock:
            self.server.heard.append(Heard(self.path, dict(self.headers), body))
            self.server.inside += 1
            self.server.most_inside = max(self.server.most_inside, self.server.inside)
        try:
            self.server.behave(self)
        finally:
            with self.server.lock:
                self.server.inside -= 1

    def log_message(self, *words: object) -> None:
        """Quiet."""


def answer(status: int, body: bytes = b"ok", **headers: str) -> Callable[[_Handler], None]:
    def behave(handler: _Handler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return behave


@pytest.fixture
def receiver(settings) -> Iterator[Receiver]:
    settings.HOOKS_TO_LOOPBACK = True
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.over.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def impatient(monkeypatch) -> None:
    """An end after a second instead of ten."""
    monkeypatch.setattr(wire, "ALL_SECONDS", 1)


@pytest.fixture(autouse=True)
def _no_jitter(monkeypatch) -> None:
    monkeypatch.setattr(outcomes, "JITTER", 0)


Make = Callable[..., Endpoint]


@pytest.fixture
def make(receiver: Receiver, staffer: User, drive) -> Make:
    """Make an endpoint that leads to the receiver: of this partner, or of staff."""

    def make(partner: Partner | None = None, **facts: Any) -> Endpoint:
        usual = {
            "address": receiver.address,
            "dialect": Endpoint.Dialect.SIGNED,
            "kinds": [*LEADS, Event.MILESTONE_REACHED],
            "author": staffer,
            "language": "en",
            "now": timezone.now() - timedelta(minutes=1),
        }
        return hooks.make(partner=partner, **usual | facts)

    return make


@pytest.fixture
def endpoint(make: Make, partner: Partner) -> Endpoint:
    return make(partner)


@pytest.fixture
def ping(endpoint: Endpoint) -> Delivery:
    return hooks.ping(endpoint=endpoint, now=timezone.now())


def plan() -> int:
    return lead_hooks.plan(now=timezone.now())


def sweep(after: timedelta = timedelta()) -> int:
    return lead_hooks.sweep(clock=lambda: timezone.now() + after)


def post(address: str) -> wire.Answer:
    """Say something to this address, over a line of its own."""
    with contextlib.closing(wire.Line(address=address)) as line:
        return line.post(body=b"{}", headers={})
