"""Takes what is sent to us before Django sees it: no more than a page reads, and few at a time.

A thread of the web server waits for a body for as long as its sender likes: eight senders who stall
held all eight threads, and with them the site. Nothing here can end such a wait; what can, a proxy
in front, is in docs/production.md. Without one they hold a few threads, and pages stay up.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

from django.conf import settings

from recruit import refusal

# Of the four threads of a process (docs/production.md), and from one place.
AT_ONCE, OF_ONE_PLACE = 3, 2
# A body that is there already, as nearly all are, takes microseconds: so long is no queue of those.
PATIENCE_SECONDS = 0.25
RETRY_AFTER_SECONDS = 5
TOO_LONG = b"This is more than we read at once. Please send less.\n"
TOO_MANY = (
    "Too much is being sent to us at this moment, and yours was not read. Please go back, wait a"
    " few seconds, and send it again.\n\nNos llega demasiado en este momento y no leímos tu envío."
    " Vuelve atrás, espera unos segundos y envíalo otra vez.\n"
).encode()

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Waits:
    """Who waits for a body now: so many at once in a process, and so many from one place."""

    def __init__(self) -> None:
        self._of_places: Counter[str] = Counter()
        self._changed = threading.Condition()

    def begin(self, place: str) -> bool:
        """Say whether this one may wait too; if so, end() must follow."""
        with self._changed:
            may = self._changed.wait_for(lambda: self._has_room(place), PATIENCE_SECONDS)
            if may:
                self._of_places[place] += 1
            return may

    def end(self, place: str) -> None:
        with self._changed:
            self._of_places -= Counter([place])
            self._changed.notify_all()

    def _has_room(self, place: str) -> bool:
        return self._of_places.total() < AT_ONCE and self._of_places.get(place, 0) < OF_ONE_PLACE


def bounded(application: Application) -> Application:
    """Answer 413 to more than we read, unread, and 503 while too many bodies are waited for."""
    waits = Waits()

    def respond(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        length = _length(environ)
        if not length:
            return application(environ, start_response)
        if length > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            return refusal.say(start_response, "413 Content Too Large", TOO_LONG)
        place = sender(environ)
        if not waits.begin(place):
            again = {"Retry-After": str(RETRY_AFTER_SECONDS)}
            return refusal.say(start_response, "503 Service Unavailable", TOO_MANY, **again)
        try:
            environ["wsgi.input"] = BytesIO(environ["wsgi.input"].read(length))
        finally:
            waits.end(place)
        return application(environ, start_response)

    return respond


def sender(environ: dict[str, Any]) -> str:
    """Return the address our own outermost proxy saw: what is left of it anyone can write."""
    forwarded = environ.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if settings.PROXY_HOPS and len(forwarded) >= settings.PROXY_HOPS:
        return str(forwarded[-settings.PROXY_HOPS]).strip()
    return str(environ.get("REMOTE_ADDR", ""))


def _length(environ: dict[str, Any]) -> int:
    """Return how much is said to come; Django reads nothing where that is no number, either."""
    said = environ.get("CONTENT_LENGTH") or ""
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 20 else 0
