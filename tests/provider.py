"""The API of a mail provider, played by a small server on the loopback: the fixture `api`."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.conf import LazySettings

SENT: dict[str, dict[str, object]] = {
    "/email": {"ErrorCode": 0, "Message": "OK", "MessageID": "m-1"},
    "/example.org/messages": {"id": "<m-1@example.org>", "message": "Queued. Thank you."},
    "/transmissions/": {
        "results": {"total_accepted_recipients": 1, "total_rejected_recipients": 0, "id": "1"}
    },
}


class Api(ThreadingHTTPServer):
    """Takes every letter until told to answer otherwise."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Post)
        self.posted: list[tuple[str, str, bytes]] = []
        self.connections = 0
        self.answer: tuple[int, object] | None = None
        self.drips = False
        self.hangs = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def words(self) -> dict[str, Any]:
        """Return the fields of the last letter."""
        _path, kind, body = self.posted[-1]
        if "json" in kind or body.startswith(b"{"):
            return dict(json.loads(body))
        return {name: value[0] for name, value in parse_qs(body.decode()).items()}


class Post(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Api

    def setup(self) -> None:
        super().setup()
        self.server.connections += 1

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posted.append((self.path, self.headers.get("Content-Type", ""), body))
        if self.server.hangs:
            time.sleep(30)
            self.close_connection = True
            return
        status, said = self.server.answer or (200, self.taken())
        answer = said if isinstance(said, bytes) else json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        for byte in answer:
            self.wfile.write(bytes([byte]))
            if self.server.drips:
                time.sleep(0.1)

    def taken(self) -> dict[str, object]:
        """Postmark says who gets the letter."""
        reader = {"To": self.server.words()["To"]} if self.path == "/email" else {}
        return SENT[self.path] | reader

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def api() -> Iterator[Api]:
    with Api() as api:
        threading.Thread(target=api.serve_forever, args=(0.05,), daemon=True).start()
        yield api
        api.shutdown()


def send_by(api: Api, settings: LazySettings, *, chosen: str = "Postmark") -> None:
    """All mail leaves by this API, as one of our providers speaks it."""
    settings.EMAIL_BACKEND = f"recruit.providers.{chosen}"
    settings.ANYMAIL = {
        "POSTMARK_SERVER_TOKEN": "t",
        "MAILGUN_API_KEY": "k",
        "MAILGUN_SENDER_DOMAIN": "example.org",
        "SPARKPOST_API_KEY": "k",
        f"{chosen.upper()}_API_URL": api.url,
        "REQUESTS_TIMEOUT": (1, 1),
        "SEND_DEFAULTS": {"track_opens": False, "track_clicks": False},
    }
