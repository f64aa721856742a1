"""A mail server that keeps what it is sent and misbehaves on request: the fixture `sink`."""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import LazySettings

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Received:
    """One message the sink took in, and the envelope it came in."""

    sender: str
    recipients: list[str]
    content: bytes
    message: EmailMessage


@dataclass
class Sink:
    """What arrived, and how to behave.

    refuse: address -> (code, text), said at RCPT. hang_seconds: silence before the answer to DATA.
    drop_after: once so many have been taken in, the line is cut at the end of DATA; the message is
    kept or not (drop_keeps), its sender never learns which. answer_data: said instead of "250 OK".
    hangs_up_on: addresses whose letters cut the line at the end of DATA.
    """

    received: list[Received] = field(default_factory=list)
    refuse: dict[str, tuple[int, str]] = field(default_factory=dict)
    hang_seconds: float = 0.0
    drop_after: int | None = None
    drop_keeps: bool = False
    answer_data: tuple[int, str] | None = None
    hangs_up_on: set[str] = field(default_factory=set)
    connections: int = 0
    port: int = 0

    @property
    def messages(self) -> list[EmailMessage]:
        return [one.message for one in self.received]

    @property
    def message_ids(self) -> list[str]:
        return [str(message["Message-ID"]) for message in self.messages]

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        *_options: list[str],
    ) -> str:
        if refusal := self.refusal(address):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    def refusal(self, address: str) -> str:
        code, text = self.refuse.get(address, ("", ""))
        return f"{code} {text}".strip()

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.hang_seconds:
            await asyncio.sleep(self.hang_seconds)
        if self.answer_data:
            code, text = self.answer_data
            return f"{code} {text}"
        is_dropped = self.drop_after is not None and len(self.received) >= self.drop_after
        is_dropped |= not self.hangs_up_on.isdisjoint(envelope.rcpt_tos)
        if not is_dropped or self.drop_keeps:
            self._keep(envelope)
        if is_dropped:
            server.transport.abort()
        return "250 OK"

    def _keep(self, envelope: Envelope) -> None:
        content = envelope.original_content or b""
        message = message_from_bytes(content.replace(b"\r\n", b"\n"), policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.received.append(
            Received(str(envelope.mail_from), list(envelope.rcpt_tos), content, message)
        )


class Server(threading.Thread):
    """Serves one sink on the loopback, on a free port; stops with clients still hanging."""

    def __init__(self, sink: Sink, *, kind: type[SMTP] = SMTP, port: int = 0) -> None:
        super().__init__(name="sink", daemon=True)
        self.sink, self.kind, self.port = sink, kind, port
        self.is_ready = threading.Event()

    def run(self) -> None:
        asyncio.run(self._serve())

    def start(self) -> None:
        super().start()
        assert self.is_ready.wait(10), "the sink did not start"

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.stopping.set)
        self.join(10)
        assert not self.is_alive(), "the sink did not stop"

    async def _serve(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.stopping = asyncio.Event()
        self.clients: list[SMTP] = []
        server = await self.loop.create_server(self._greet, LOOPBACK, self.port)
        self.sink.port = server.sockets[0].getsockname()[1]
        self.is_ready.set()
        await self.stopping.wait()
        server.close()
        for client in self.clients:
            if client.transport:
                client.transport.abort()
        await asyncio.sleep(0)

    def _greet(self) -> SMTP:
        self.sink.connections += 1
        client = self.kind(
            self.sink, loop=self.loop, enable_SMTPUTF8=True, hostname="sink.example.org"
        )
        self.clients.append(client)
        return client


@pytest.fixture
def sink(settings: LazySettings) -> Iterator[Sink]:
    """Real SMTP: Django's mail goes to a server on the loopback."""
    sink = Sink()
    server = Server(sink)
    server.start()
    settings.EMAIL_BACKEND = "recruit.mail.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = LOOPBACK, sink.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    yield sink
    server.stop()
