"""Whoever sends too much, or sends it as slowly as they can, keeps nobody else from our pages."""

import threading
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings

from recruit import bodies

HONEST = b"first_name=Ada"


class Stalled:
    """The body of somebody who sends no more of it until they are let go."""

    def __init__(self) -> None:
        self.is_waited_for, self.is_over = threading.Event(), threading.Event()

    def read(self, _size: int) -> bytes:
        self.is_waited_for.set()
        self.is_over.wait(10)
        return b""


class Never:
    """A body that must not be touched."""

    def read(self, _size: int) -> bytes:
        raise AssertionError("it was read")


def read_it(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [])
    return [environ["wsgi.input"].read()]


@pytest.fixture
def house() -> Any:
    return bodies.bounded(read_it)


@pytest.fixture
def stall(house: Any) -> Iterator[Any]:
    begun: list[tuple[Stalled, threading.Thread]] = []

    def one(place: str) -> Stalled:
        body = Stalled()
        thread = threading.Thread(target=ask, args=(house, body), kwargs={"place": place})
        thread.start()
        begun.append((body, thread))
        return body

    yield one
    for body, thread in begun:
        body.is_over.set()
        thread.join()


def ask(house: Any, body: Any, *, length: int | str = len(HONEST), place: str = "b") -> Any:
    told: list[tuple[str, dict[str, str]]] = []
    environ = {"CONTENT_LENGTH": str(length), "REMOTE_ADDR": place, "wsgi.input": body}
    page = b"".join(house(environ, lambda status, headers: told.append((status, dict(headers)))))
    return int(told[0][0][:3]), told[0][1], page


def test_an_honest_body_is_read(house: Any) -> None:
    assert ask(house, BytesIO(HONEST))[::2] == (200, HONEST)


def test_a_body_longer_than_any_page_reads_is_refused_unread(house: Any) -> None:
    """A file in a form would otherwise be written to the disk, however large it is."""
    longest = settings.DATA_UPLOAD_MAX_MEMORY_SIZE

    assert ask(house, Never(), length=longest + 1)[0] == 413
    assert ask(house, Never(), length="9" * 19)[0] == 413
    assert ask(house, BytesIO(b""), length=longest)[0] == 200


def test_pages_are_shown_and_forms_refused_while_others_stall(house: Any, stall: Any) -> None:
    for place in ("a", "b", "c"):
        stall(place).is_waited_for.wait(5)

    status, headers, page = ask(house, Never(), place="d")

    assert (status, "Retry-After" in headers, b"send it again" in page) == (503, True, True)
    assert ask(house, BytesIO(b""), length=0)[0] == 200


def test_one_place_that_stalls_leaves_room_for_the_others(house: Any, stall: Any) -> None:
    for _number in range(2):
        stall("a").is_waited_for.wait(5)

    assert ask(house, Never(), place="a")[0] == 503
    assert ask(house, BytesIO(HONEST), place="b")[0] == 200


def test_who_gives_up_makes_room(house: Any, stall: Any) -> None:
    first, _second = [stall("a") for _number in range(2)]
    first.is_waited_for.wait(5)
    first.is_over.set()

    assert ask(house, BytesIO(HONEST), place="a")[0] == 200
