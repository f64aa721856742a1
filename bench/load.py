"""A light client: kept connections on one thread, one request after the other on each."""

import re
import selectors
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
CHUNKED = re.compile(rb"transfer-encoding: *chunked", re.IGNORECASE)


@dataclass
class Round:
    """What one round of requests told."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: dict[bytes, int] = field(default_factory=dict)

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds


class Connection:
    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.began, self.received = 0.0, b""

    def send(self, request: bytes) -> None:
        self.received, self.began = b"", time.perf_counter()
        self.socket.sendall(request)

    def is_answered(self) -> bool:
        part = self.socket.recv(262_144)
        if not part:
            raise ConnectionError("the server hung up")
        self.received += part
        head, end, body = self.received.partition(b"\r\n\r\n")
        if not end:
            return False
        length = LENGTH.search(head)
        if length:
            return len(body) >= int(length[1])
        return body.endswith(b"0\r\n\r\n") if CHUNKED.search(head) else True


def run(*, port: int, requests: Iterator[bytes], seconds: float, connections: int = 16) -> Round:
    """Send what `requests` yields for so many seconds, and wait for the last answers."""
    chosen, found = selectors.DefaultSelector(), Round()
    began = time.perf_counter()
    for _ in range(connections):
        connection = Connection(port)
        chosen.register(connection.socket, selectors.EVENT_READ, connection)
        connection.send(next(requests))
    while chosen.get_map():
        for key, _events in chosen.select(timeout=10):
            connection = key.data
            if not connection.is_answered():
                continue
            now = time.perf_counter()
            found.latencies.append(now - connection.began)
            status = connection.received[9:12]
            found.statuses[status] = found.statuses.get(status, 0) + 1
            if now - began < seconds:
                connection.send(next(requests))
            else:
                chosen.unregister(connection.socket)
                connection.socket.close()
    found.seconds = time.perf_counter() - began
    return found
