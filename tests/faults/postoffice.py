"""The mail server of the harness: a process of its own, so that no kill loses what it wrote down.

Each message becomes a line of the log, written and flushed before its "250". What it does wrong
it is told in a file of orders, which it looks at before each answer.
"""

import asyncio
import json
import os
import sys
import time
from email import policy
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from recruit.local.processes import Daemon
from tests.sink import Server, Sink

PARSER = BytesHeaderParser(policy=policy.default)
PARENT = os.getppid()


class Orders:
    """What it is told at the moment.

    refuse: address or @domain -> what is said at RCPT. answer: said instead of "250" to a letter.
    pace: seconds that each letter takes. cut, kill, stop: {"when": "before" or "after" the 250,
    "letters": which ones}; kill names the notes of the processes that die then.
    """

    def __init__(self, file: Path) -> None:
        self.file, self.seen, self.orders = file, 0, {}

    def get(self, name: str) -> Any:
        changed = self.file.stat().st_mtime_ns
        if changed != self.seen:
            self.seen, self.orders = changed, json.loads(self.file.read_text())
        return self.orders.get(name)


class PostOffice(Sink):
    def __init__(self, log: Path, orders: Path) -> None:
        super().__init__()
        self.log, self.orders, self.letters = log.open("a"), Orders(orders), 0

    def write_down(self, event: str, **facts: object) -> None:
        line = json.dumps({"event": event, "at": time.time(), **facts})
        self.log.write(f"{line}\n")
        self.log.flush()

    def refusal(self, address: str) -> str:
        refusals = self.orders.get("refuse") or {}
        domain = f"@{address.rpartition('@')[2]}"
        said = str(refusals.get(address) or refusals.get(domain) or "")
        if said:
            self.write_down("refused", to=address, said=said)
        return said

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        await asyncio.sleep(self.orders.get("pace") or 0)
        if said := self.orders.get("answer"):
            self.write_down("refused", to=envelope.rcpt_tos[0], said=said)
            return str(said)
        self.letters += 1
        self._write_down(session, envelope)
        assert isinstance(server, Talk)
        await self.misbehave(server, "before")
        server.has_letter = True
        return "250 OK"

    def _write_down(self, session: Session, envelope: Envelope) -> None:
        headers = PARSER.parsebytes(envelope.original_content or b"")
        self.write_down(
            "letter",
            number=self.letters,
            connection=session.peer[1],
            to=envelope.rcpt_tos[0],
            message_id=str(headers["Message-ID"]),
            is_bulk=headers["List-Unsubscribe"] is not None,
            subject=str(headers["Subject"]),
        )

    async def misbehave(self, server: SMTP, moment: str) -> None:
        for name, fault in (("kill", self._kill), ("cut", self._cut), ("hang", self._hang)):
            order = self.orders.get(name)
            if order and order["when"] == moment and self.letters in order["letters"]:
                self.write_down(name, when=moment, number=self.letters)
                await fault(server, order)

    async def _kill(self, _server: SMTP, order: dict[str, Any]) -> None:
        """The workers, whole groups of them, at once."""
        for note in order["notes"]:
            Daemon("worker", note=Path(note), log=Path(os.devnull)).kill_group()

    async def _cut(self, server: SMTP, _order: dict[str, Any]) -> None:
        server.transport.abort()

    async def _hang(self, _server: SMTP, order: dict[str, Any]) -> None:
        await asyncio.sleep(order["seconds"])


class Talk(SMTP):
    """One conversation, which knows when it has just said "250" to a letter."""

    has_letter = False

    async def push(self, status: str | bytes) -> None:
        await super().push(status)
        if self.has_letter:
            self.has_letter = False
            await self.event_handler.misbehave(self, "after")


def main(log: str, orders: str, port: str) -> None:
    """Serve until whoever started it is gone."""
    office = PostOffice(Path(log), Path(orders))
    server = Server(office, kind=Talk, port=int(port))
    server.start()
    office.write_down("open", port=office.port)
    while os.getppid() == PARENT:
        time.sleep(0.5)


if __name__ == "__main__":
    main(*sys.argv[1:])
