"""A line that misbehaves, between us and a server: over TCP or a socket in a folder."""

import asyncio
import contextlib
import enum
import threading
from dataclasses import dataclass, field
from pathlib import Path

LOOPBACK = "127.0.0.1"
CHUNK = 65_536

Pair = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Mode(enum.StrEnum):
    PASS = "passes everything on"
    REFUSE = "hangs up on whoever comes"
    FREEZE = "takes everything and says nothing"
    DELAY = "is a fifth of a second late"
    TRICKLE = "answers one byte a second"


DELAY_SECONDS, TRICKLE_SECONDS = 0.2, 1.0


@dataclass
class Proxy:
    """From `door` to `server`: each a port of the loopback or the path of a socket."""

    server: int | Path
    door: int | Path = 0
    mode: Mode = Mode.PASS
    welcomed: int = 0
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    def start(self) -> None:
        self._loop, ready = asyncio.new_event_loop(), threading.Event()
        self._thread = threading.Thread(target=self._run, args=[ready], daemon=True, name="proxy")
        self._thread.start()
        assert ready.wait(10), "the proxy did not start"

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def cut(self) -> None:
        """Hang up on everybody, in the middle of what they say; they may come again."""
        self._loop.call_soon_threadsafe(self._abort)

    def _abort(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    def _run(self, ready: threading.Event) -> None:
        server = self._loop.run_until_complete(self._listen())
        ready.set()
        self._loop.run_forever()
        server.close()
        self._loop.run_until_complete(self._let_go())
        self._loop.close()

    async def _listen(self) -> asyncio.Server:
        if isinstance(self.door, Path):
            return await asyncio.start_unix_server(self._welcome, self.door)
        server = await asyncio.start_server(self._welcome, LOOPBACK, self.door)
        self.door = server.sockets[0].getsockname()[1]
        return server

    async def _let_go(self) -> None:
        self._abort()
        talks = asyncio.all_tasks() - {asyncio.current_task()}
        for talk in talks:
            talk.cancel()
        await asyncio.gather(*talks, return_exceptions=True)
        await asyncio.sleep(0)

    async def _welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.welcomed += 1
        with contextlib.suppress(OSError):
            if self.mode is not Mode.REFUSE:
                there = await self._connect()
                await asyncio.gather(
                    self._pump(reader, there[1], is_answer=False),
                    self._pump(there[0], writer, is_answer=True),
                )
        writer.close()

    async def _connect(self) -> Pair:
        if isinstance(self.server, Path):
            return await asyncio.open_unix_connection(self.server)
        return await asyncio.open_connection(LOOPBACK, self.server)

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_answer: bool
    ) -> None:
        self._writers.add(writer)
        try:
            while part := await reader.read(CHUNK):
                await self._pass_on(part, writer, is_answer=is_answer)
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _pass_on(self, part: bytes, writer: asyncio.StreamWriter, *, is_answer: bool) -> None:
        while self.mode is Mode.FREEZE:
            await asyncio.sleep(0.05)
        if self.mode is Mode.DELAY:
            await asyncio.sleep(DELAY_SECONDS)
        while part and self.mode is Mode.TRICKLE and is_answer:
            writer.write(part[:1])
            await writer.drain()
            part = part[1:]
            await asyncio.sleep(TRICKLE_SECONDS)
        writer.write(part)
        await writer.drain()
