"""Names that lead to our own machine on a detour: whoever listens there hears nothing."""

import socket
from collections.abc import Iterator

import pytest

from partners.hooks import addresses
from partners.models.attempts import Outcome, Place
from tests.hooks.conftest import post


@pytest.fixture
def ours() -> Iterator[socket.socket]:
    """Something of ours that only this machine may talk to."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        yield listening


def has_heard(listening: socket.socket) -> bool:
    try:
        listening.accept()[0].close()
    except BlockingIOError:
        return False
    return True


def named(monkeypatch, *found: str) -> None:
    def getaddrinfo(_host, port, **_options):
        return [(0, 0, 0, "", (it, port)) for it in found]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


@pytest.mark.parametrize(
    ("found", "place"),
    [
        (["127.0.0.1"], Place.MACHINE),
        (["8.8.8.8", "127.0.0.1"], Place.MACHINE),
        (["127.0.0.1", "8.8.8.8"], Place.MACHINE),
        (["2606:4700::1111", "10.0.0.1"], Place.PRIVATE),
        (["::ffff:127.0.0.1"], Place.CARRIES),
        (["::127.0.0.1"], Place.CARRIES),
        (["64:ff9b::7f00:1"], Place.CARRIES),
        (["2002:7f00:1::1"], Place.CARRIES),
        (["::1"], Place.MACHINE),
        (["169.254.169.254"], Place.LINK),
        (["fe80::1%lo"], Place.LINK),
    ],
)
def test_a_name_that_leads_to_us_is_refused_and_it_is_said_how(monkeypatch, ours, found, place):
    named(monkeypatch, *(it.partition("%")[0] for it in found))

    told = post(f"https://hook.example.org:{ours.getsockname()[1]}/")

    assert (told.outcome, told.place) == (Outcome.REFUSED, place)
    assert not has_heard(ours)


def test_the_one_who_listens_would_have_heard(monkeypatch, ours, impatient):
    """The same, with nobody who looks at addresses: or the test above could not fail."""
    named(monkeypatch, "127.0.0.1")
    monkeypatch.setattr(addresses, "refused_as", lambda _address: None)

    told = post(f"https://hook.example.org:{ours.getsockname()[1]}/")

    assert told.outcome == Outcome.TOO_SLOW
    assert has_heard(ours)
