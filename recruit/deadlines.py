"""An end to every conversation: a time-out is for one answer, and a byte a second is an answer."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def within(seconds: float, cut: Callable[[], None]) -> Iterator[None]:
    """Cut the line when the time is over, and once more a second if it was not up yet."""
    is_done = threading.Event()

    def watch() -> None:
        pause = seconds
        while not is_done.wait(pause):
            cut()
            pause = 1

    threading.Thread(target=watch, name="deadline", daemon=True).start()
    try:
        yield
    finally:
        is_done.set()


def shut(line: socket.socket | None) -> None:
    """Cut this line: whoever waits for it is told that it is closed."""
    if line:
        with contextlib.suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)
