"""A Valkey of this checkout's own: a socket, no TCP. It is the doorbell and the cache."""

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from recruit.local import console, folders, processes, programs, refusal
from recruit.local.refusal import Refusal

START_SECONDS = 30
KEPT = ("--appendonly", "yes")
THROW_AWAY = ("--appendonly", "no")


@dataclass(frozen=True)
class Valkey:
    place: folders.Folders
    sockets: Path
    daemon: processes.Daemon
    options: Sequence[str] = KEPT

    @property
    def socket(self) -> Path:
        return self.sockets / "valkey.sock"

    @property
    def url(self) -> str:
        return f"unix://{quote(str(self.socket))}"

    def answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(2)
                line.connect(str(self.socket))
                line.sendall(b"PING\r\n")
                return line.recv(5) == b"+PONG"
        except OSError:
            return False

    def is_gone(self) -> bool:
        """Dead, not merely busy; one that another launcher started still answers."""
        return self.daemon.is_gone() and not self.answers()

    def start(self) -> None:
        folders.make_private(self.sockets, os.geteuid(), os.getegid())
        self.daemon.start(
            [
                programs.valkey(self.place), "--port", "0", "--unixsocket", self.socket,
                "--unixsocketperm", "700", "--dir", self.place.valkey, "--save", "",
                "--maxmemory-policy", "noeviction", *self.options,
            ],
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            cwd=self.place.valkey,
        )  # fmt: skip
        processes.wait_until(lambda: self.answers() or not self.daemon.pid, seconds=START_SECONDS)
        if not self.answers():
            raise self._failure()

    def _failure(self) -> Refusal:
        tail = console.last_lines(self.daemon.log)
        return refusal.of_log(tail) or Refusal(
            f"Valkey did not start: read why in {self.daemon.log}, put it right and try again.\n"
            f"{tail}"
        )


def of(place: folders.Folders, *, options: Sequence[str] = KEPT) -> Valkey:
    daemon = processes.Daemon(
        "Valkey", note=place.run / "valkey.json", log=place.log / "valkey.log"
    )
    return Valkey(place, place.socket(place.valkey / "socket"), daemon, options)
