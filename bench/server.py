"""granian as ./run starts it, on a free port of this machine; and what its processes cost."""

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Server:
    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """The time that the web processes have used so far, in user and kernel."""
        return sum(_ticks(pid) for pid in self._family()) / TICKS

    def _family(self) -> list[int]:
        return [self.pid, *_children(self.pid)]


def postgres_cpu(connection: Any) -> float:
    """Seconds that all processes of this connection's PostgreSQL have worked so far."""
    pid = connection.connection.info.backend_pid
    postmaster = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    worked = 0
    for child in _children(postmaster):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
            worked += _ticks(child)
    return worked / TICKS


def backend_cpu(connection: Any) -> float:
    """Seconds that PostgreSQL's process of this connection of Django has worked so far."""
    pid = connection.connection.info.backend_pid
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def _children(pid: int) -> list[int]:
    return [*map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]


def _ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


@contextlib.contextmanager
def started(env: Mapping[str, str], **more: str) -> Iterator[Server]:
    port = free_port()
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1",
        "--port", str(port), "--workers", "2", "--blocking-threads", "4", "--no-ws",
        "--log-level", "error", "floor_wsgi:application",
    ]  # fmt: skip
    env = {**env, "BASE_URL": f"http://127.0.0.1:{port}", **more}
    process = subprocess.Popen(command, env=env, cwd=Path(__file__).parent)
    try:
        _wait(port)
        yield Server(port, process.pid)
    finally:
        process.terminate()
        process.wait(timeout=10)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def get(port: int, path: str, headers: Mapping[str, str] | None = None) -> bytes:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    line.request("GET", path, headers=dict(headers or {}))
    return line.getresponse().read()


def _wait(port: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with contextlib.suppress(OSError):
            get(port, "/healthz")
            return
        time.sleep(0.1)
    sys.exit("The web server did not start.")
