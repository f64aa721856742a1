"""A mail server that takes everything and keeps nothing, so that the sender is what is measured."""

import asyncio
import contextlib
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ANSWERS = {b"DATA": b"354 go on", b"QUIT": b"221 bye"}
END = b"\r\n.\r\n"


class Talk(asyncio.Protocol):
    """One conversation. NOOP tells how many letters have come in all of them."""

    letters = 0
    is_letter = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.waiting = transport, bytearray()
        self.say(b"220 sink.example.org")

    def say(self, answer: bytes) -> None:
        self.transport.write(answer + b"\r\n")

    def data_received(self, data: bytes) -> None:
        self.waiting += data
        while (found := self.waiting.find(END if self.is_letter else b"\r\n")) >= 0:
            line = bytes(self.waiting[: 0 if self.is_letter else found])
            del self.waiting[: found + len(END if self.is_letter else b"\r\n")]
            self.take(line)

    def take(self, line: bytes) -> None:
        if self.is_letter:
            Talk.letters += 1
            self.is_letter = False
            self.say(b"250 kept")
            return
        word = line[:4].upper()
        self.is_letter = word == b"DATA"
        self.say(ANSWERS.get(word, b"250 %d" % Talk.letters))
        if word == b"QUIT":
            self.transport.close()


async def serve() -> None:
    server = await asyncio.get_running_loop().create_server(Talk, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@dataclass(frozen=True)
class Sink:
    port: int

    def letters(self) -> int:
        """Say how many letters came so far."""
        with smtplib.SMTP("127.0.0.1", self.port, local_hostname="bench") as line:
            return int(line.noop()[1])


@contextlib.contextmanager
def started() -> Iterator[Sink]:
    """Yield a sink in a process of its own."""
    command = [sys.executable, str(Path(__file__))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield Sink(int(process.stdout.readline()))
        finally:
            process.terminate()


if __name__ == "__main__":
    asyncio.run(serve())
