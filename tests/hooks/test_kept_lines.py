"""A line that is kept from one delivery to the next: fast, and safe for as long as it is kept."""

import socket
import threading
from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from partners import hooks
from partners.hooks import addresses, claiming
from partners.models import Delivery, Endpoint
from tests.hooks.conftest import Receiver, answer, sweep
from tests.patience import IN_TIME

Outcome, State = Delivery.Outcome, Delivery.State


@pytest.fixture
def keeping(receiver: Receiver, monkeypatch) -> Counter[tuple[str, int]]:
    """The receiver keeps its lines; how many requests came over each."""
    lines: Counter[tuple[str, int]] = Counter()
    handler = receiver.RequestHandlerClass
    take = handler.do_POST

    def count_and_take(it) -> None:
        lines[it.client_address] += 1
        take(it)

    monkeypatch.setattr(handler, "protocol_version", "HTTP/1.1")
    monkeypatch.setattr(handler, "do_POST", count_and_take)
    return lines


def owe(endpoint: Endpoint, number: int) -> None:
    now = timezone.now()
    for later in range(number):
        hooks.ping(endpoint=endpoint, now=now - timedelta(minutes=1) + timedelta(seconds=later))


def states(endpoint: Endpoint) -> Counter[tuple[str, int]]:
    return Counter(endpoint.deliveries.values_list("state", "attempts"))


def test_a_handful_travels_over_one_line_in_the_order_in_which_it_is_due(
    receiver, keeping, endpoint
):
    owe(endpoint, 7)

    sweep()

    assert list(keeping.values()) == [7]
    sent = endpoint.deliveries.order_by("planned_at").values_list("pk", flat=True)
    assert [it.said["id"] for it in receiver.heard] == [str(it) for it in sent]
    assert states(endpoint) == {("delivered", 1): 7}


def test_each_handful_looks_the_name_up_anew(receiver, keeping, endpoint, monkeypatch):
    monkeypatch.setattr(claiming, "HANDFUL", 3)
    asked, look_up = [], addresses.look_up
    monkeypatch.setattr(
        addresses, "look_up", lambda **where: asked.append(where) or look_up(**where)
    )
    owe(endpoint, 7)

    sweep()

    assert sorted(keeping.values()) == [1, 3, 3]
    assert len(asked) == 3


def test_where_the_other_side_hangs_up_a_new_line_is_checked_like_the_first(
    receiver, keeping, endpoint, monkeypatch
):
    """Its name leads to our own machine by then."""
    receiver.behave = answer(200, Connection="close")
    where = iter(["127.0.0.1"])

    def look_up(**_where: object) -> str:
        for it in where:
            return it
        raise addresses.Refused

    monkeypatch.setattr(addresses, "look_up", look_up)
    owe(endpoint, 3)

    sweep()

    assert len(receiver.heard) == 1
    outcomes = Counter(endpoint.deliveries.values_list("outcome", flat=True))
    assert outcomes == {"accepted": 1, "refused": 2}


def test_a_line_that_died_while_it_was_kept_costs_no_attempt(receiver, keeping, endpoint):
    def take_and_hang_up(handler) -> None:
        answer(200)(handler)
        handler.wfile.flush()
        handler.close_connection = True  # without a word of it in the answer

    receiver.behave = take_and_hang_up
    owe(endpoint, 4)

    sweep()

    assert list(keeping.values()) == [1, 1, 1, 1]
    assert states(endpoint) == {("delivered", 1): 4}
    assert Endpoint.objects.get().failures == 0


def test_who_says_more_than_the_answer_spoils_no_other(receiver, keeping, endpoint):
    def say_too_much(handler) -> None:
        handler.wfile.write(b"HTTP/1.1 204 No Content\r\n\r\nok, thank you")

    receiver.behave = say_too_much
    owe(endpoint, 3)

    sweep()

    assert states(endpoint) == {("delivered", 1): 3}


def test_who_hangs_on_a_kept_line_is_asked_once_and_the_rest_waits_its_turn(
    receiver, keeping, endpoint, impatient, monkeypatch
):
    monkeypatch.setattr(claiming, "HANDFUL_SECONDS", 60)

    def hang_from_the_third_on(handler) -> None:
        if len(receiver.heard) > 2:
            receiver.over.wait(20)
        answer(200)(handler)

    receiver.behave = hang_from_the_third_on
    owe(endpoint, 6)

    sweep()

    outcomes = Counter(endpoint.deliveries.values_list("outcome", "attempts"))
    assert outcomes[("accepted", 1)] == 2
    assert outcomes[("too_slow", 1)] == 2  # the third, and the one that was tried after it
    assert outcomes[("", 0)] == 2
    assert len(receiver.heard) == 4


def test_what_was_claimed_and_not_begun_can_be_claimed_at_once(
    receiver, keeping, endpoint, monkeypatch
):
    monkeypatch.setattr(claiming, "HANDFUL_SECONDS", -1)  # over before the second
    owe(endpoint, 3)

    assert sweep() == 3

    assert states(endpoint) == {("delivered", 1): 3}
    assert len(keeping) == 3


def test_the_body_of_an_answer_byte_by_byte_ends_too(receiver, endpoint, impatient):
    """Over a line that is not kept: the library forgets it before the body was read."""
    begun = threading.Event()

    def drip(handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        for _byte in range(1000):
            begun.set()
            handler.wfile.write(b"x")
            if receiver.over.wait(0.2):
                return

    receiver.behave = drip
    owe(endpoint, 1)

    sweep()

    assert begun.is_set()
    (it,) = endpoint.deliveries.all()
    assert (it.state, it.outcome) == (State.DELIVERED, Outcome.ACCEPTED)
    assert it.milliseconds < 1000 * IN_TIME


def test_chunks_without_end_are_not_read(receiver, keeping, endpoint):
    sent = []

    def flood(handler) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        try:
            for _chunk in range(4096):
                handler.wfile.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")
                sent.append(65536)
        except OSError:
            handler.close_connection = True

    receiver.behave = flood
    owe(endpoint, 2)

    sweep()

    assert states(endpoint) == {("delivered", 1): 2}
    assert list(keeping.values()) == [1, 1]  # what is left unread is nobody's next answer
    assert sum(sent) < 32 << 20


def test_headers_without_end_are_a_failure(receiver, endpoint):
    def boast(handler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        try:
            for number in range(100_000):
                handler.wfile.write(b"X-%d: y\r\n" % number)
        except OSError:
            handler.close_connection = True

    receiver.behave = boast
    owe(endpoint, 1)

    sweep()

    assert endpoint.deliveries.get().outcome == Outcome.CUT


def test_a_chain_of_redirects_is_not_even_begun(receiver, endpoint):
    with socket.create_server(("127.0.0.1", 0)) as private:
        private.setblocking(False)
        port = private.getsockname()[1]
        receiver.behave = answer(308, Location=f"http://127.0.0.1:{port}/next")
        owe(endpoint, 1)

        sweep()

        with pytest.raises(BlockingIOError):
            private.accept()
    assert endpoint.deliveries.get().outcome == Outcome.REDIRECT
    assert len(receiver.heard) == 1
