"""A delivery and its receiver: one that takes it, and those that fail in every way."""

import contextlib
import hashlib
import hmac
import socket
import ssl
import subprocess
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from partners import hooks
from partners.hooks import addresses, claiming, signing, wire
from partners.models import Delivery, Endpoint, Letter
from tests.hooks.conftest import answer, post, sweep
from tests.patience import IN_TIME

Outcome, State = Delivery.Outcome, Delivery.State


@pytest.fixture
def endpoint(endpoint, organiser) -> Endpoint:
    """Of a partner with somebody to write to."""
    return endpoint


def fresh(row):
    row.refresh_from_db()
    return row


def test_it_is_signed_and_says_which_event_it_is(receiver, endpoint, ping):
    sweep()

    (heard,) = receiver.heard
    time_, mark = heard.headers["RFS-Signature"].split(",")
    at, secret = time_.removeprefix("t="), signing.secret(endpoint=endpoint)
    expected = hmac.new(secret.encode(), f"{at}.".encode() + heard.body, hashlib.sha256)
    assert mark == f"v1={expected.hexdigest()}"
    assert abs(int(at) - time.time()) < 10
    assert heard.headers["RFS-Delivery"] == heard.said["id"] == str(ping.pk)
    assert set(heard.said) == {"id", "type", "created_at", "data"}
    assert (heard.said["type"], heard.said["data"]) == ("ping", {})
    assert heard.headers["Host"] == f"127.0.0.1:{receiver.server_port}"
    assert heard.path == "/hook"


def test_it_is_recorded_and_sent_once(receiver, ping):
    assert sweep() == 1
    assert sweep() == 0

    assert (fresh(ping).state, ping.outcome, ping.status_code) == ("delivered", "accepted", 200)
    assert (ping.attempts, ping.leased_until, len(receiver.heard)) == (1, None, 1)
    assert ping.milliseconds is not None


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
def test_an_error_is_tried_again_later_under_the_same_id(receiver, endpoint, ping, status):
    receiver.behave = answer(status, body=b"Ada Example's secret")

    sweep()

    assert (fresh(ping).state, ping.outcome, ping.status_code) == ("due", "status", status)
    assert timedelta(seconds=25) < ping.due_at - timezone.now() < timedelta(seconds=31)
    assert fresh(endpoint).failures == 1
    receiver.behave = answer(204, body=b"")
    assert sweep() == 0
    assert sweep(after=timedelta(seconds=31)) == 1
    assert fresh(ping).state == "delivered"
    assert len({it.said["id"] for it in receiver.heard}) == 1
    assert (fresh(endpoint).failures, endpoint.failing_since) == (0, None)


def test_no_redirect_is_followed(receiver, ping):
    receiver.behave = answer(307, Location="http://169.254.169.254/latest/meta-data/")

    sweep()

    assert (fresh(ping).state, ping.outcome, ping.status_code) == ("due", "redirect", 307)
    assert len(receiver.heard) == 1


def test_gone_is_gone(receiver, endpoint, ping, organiser):
    receiver.behave = answer(410)
    hooks.ping(endpoint=endpoint, now=timezone.now())

    sweep()

    assert (fresh(ping).state, ping.outcome) == ("failed", "gone")
    assert (fresh(endpoint).off_because, len(receiver.heard)) == ("gone", 1)
    letter = Letter.objects.get()
    assert (letter.kind, letter.recipient) == ("hook_off", organiser.email)


def test_who_hangs_is_left_after_the_deadline(receiver, ping, impatient):
    receiver.behave = lambda _handler: receiver.over.wait(20)
    begun = time.monotonic()

    sweep()

    assert time.monotonic() - begun < IN_TIME
    assert (fresh(ping).state, ping.outcome) == ("due", "too_slow")


def test_a_byte_a_second_is_left_after_the_deadline_too(receiver, ping, impatient):
    def drip(handler) -> None:
        for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n":
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
            if receiver.over.wait(0.4):
                return

    receiver.behave = drip
    begun = time.monotonic()

    sweep()

    assert time.monotonic() - begun < IN_TIME
    assert (fresh(ping).state, ping.outcome) == ("due", "too_slow")


def test_a_huge_answer_is_not_read(receiver, ping):
    sent = []

    def flood(handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(1 << 40))
        handler.end_headers()
        try:
            for _chunk in range(4096):
                handler.wfile.write(b"x" * 65536)
                sent.append(65536)
        except OSError:
            pass

    receiver.behave = flood

    sweep()

    assert fresh(ping).state == "delivered"
    assert sum(sent) < 16 << 20  # what the buffers of both ends took


def test_who_hangs_up_and_who_is_not_there(receiver, ping, endpoint):
    receiver.behave = lambda handler: handler.connection.shutdown(socket.SHUT_RDWR)
    sweep()
    assert (fresh(ping).state, ping.outcome) == ("due", "cut")

    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    Endpoint.objects.update(address=f"http://127.0.0.1:{port}/")
    sweep(after=timedelta(minutes=1))
    assert (fresh(ping).state, ping.outcome, ping.attempts) == ("due", "unreachable", 2)
    assert fresh(endpoint).failures == 2


def test_what_speaks_no_http_is_cut(receiver, ping):
    receiver.behave = lambda handler: handler.wfile.write(b"220 mail.example.org ESMTP\r\n")

    sweep()

    assert (fresh(ping).state, ping.outcome) == ("due", "cut")


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Signed by itself, for hook.example.org."""
    path = tmp_path / "both.pem"
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1",
            "-keyout", str(path), "-out", str(tmp_path / "cert.pem"),
            "-subj", "/CN=hook.example.org", "-addext", "subjectAltName=DNS:hook.example.org",
        ],
        check=True, capture_output=True,
    )  # fmt: skip
    path.write_text(path.read_text() + (tmp_path / "cert.pem").read_text())
    return path


@pytest.fixture
def behind_tls(receiver, certificate, monkeypatch):
    """The receiver by TLS, under whatever name; our own look-up says it is on this machine."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    names = []
    context.sni_callback = lambda _line, name, _context: names.append(name)
    receiver.socket = context.wrap_socket(receiver.socket, server_side=True)
    monkeypatch.setattr(addresses, "look_up", lambda **_where: "127.0.0.1")
    return names


def post_to(receiver, host: str) -> wire.Answer:
    return post(f"https://{host}:{receiver.server_port}/hook")


def test_a_certificate_that_nobody_signed_is_refused(receiver, behind_tls):
    assert post_to(receiver, "hook.example.org").outcome == Outcome.BAD_TLS
    assert receiver.heard == []


def test_a_good_certificate_is_checked_for_the_name_not_the_address(
    receiver, behind_tls, certificate, monkeypatch
):
    trusting = ssl.create_default_context(cafile=certificate)
    monkeypatch.setattr(wire, "TRUSTED", trusting)

    assert post_to(receiver, "hook.example.org").outcome == Outcome.ACCEPTED
    assert post_to(receiver, "other.example.org").outcome == Outcome.BAD_TLS
    assert behind_tls == ["hook.example.org", "other.example.org"]
    assert receiver.heard[0].headers["Host"] == f"hook.example.org:{receiver.server_port}"


def test_a_handshake_that_hangs_ends(impatient, settings, monkeypatch):
    monkeypatch.setattr(addresses, "look_up", lambda **_where: "127.0.0.1")
    monkeypatch.setattr(wire, "CONNECT_SECONDS", 30)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        begun = time.monotonic()
        port = silent.getsockname()[1]
        told = post(f"https://hook.example.org:{port}/")

    assert told.outcome == Outcome.TOO_SLOW
    assert time.monotonic() - begun < IN_TIME


def test_after_a_renewed_secret_the_old_one_signs_for_a_day(receiver, endpoint):
    old = signing.secret(endpoint=endpoint)
    hooks.rotate(endpoint=endpoint, now=timezone.now())
    new = signing.secret(endpoint=endpoint)
    assert new != old

    now = timezone.now()
    both = signing.header(endpoint=endpoint, body=b"{}", now=now)
    later = signing.header(endpoint=endpoint, body=b"{}", now=now + timedelta(hours=25))

    assert (both.count("v1="), later.count("v1=")) == (2, 1)


def test_two_endpoints_never_share_a_secret(make, partner):
    secrets = {hooks.secret(endpoint=make(partner)) for _it in range(3)}

    assert len(secrets) == 3
    assert not any(it in str(list(Endpoint.objects.values())) for it in secrets)


def test_what_cannot_be_written_stops_no_other(receiver, make, partner, caplog):
    bad, good = make(partner), make(partner)
    broken = hooks.ping(endpoint=bad, now=timezone.now() - timedelta(seconds=5))
    Delivery.objects.filter(pk=broken.pk).update(kind="milestone.reached", subject="Ada")
    fine = hooks.ping(endpoint=good, now=timezone.now())

    sweep()

    assert (fresh(broken).state, broken.outcome) == ("due", "ours")
    assert (fresh(fine).state, fresh(bad).failures) == ("delivered", 0)
    assert "Ada" not in caplog.text


def test_a_slow_endpoint_keeps_two_threads_and_the_others_go_on(
    transactional_db, receiver, make, partner, monkeypatch
):
    monkeypatch.setattr(claiming, "HANDFUL", 3)
    slow, quick = make(partner, address=f"{receiver.address}/slow"), make()
    for _it in range(6):
        hooks.ping(endpoint=slow, now=timezone.now() - timedelta(minutes=1))
        hooks.ping(endpoint=quick, now=timezone.now())
    release = threading.Event()

    def behave(handler) -> None:
        if handler.path.endswith("slow"):
            release.wait(20)
        answer(200)(handler)

    receiver.behave = behave
    threads, until = [], time.monotonic() + 20
    while _delivered(quick) < 6 and time.monotonic() < until:  # beat, every now and then
        threads.append(threading.Thread(target=_sweep_and_close))
        threads[-1].start()
        time.sleep(0.1)
    before = (_delivered(quick), sum(it.path.endswith("slow") for it in receiver.heard))
    release.set()
    for it in threads:
        it.join()
    sweep()

    assert before == (6, 2)
    assert _delivered(slow) == 6


def _delivered(endpoint: Endpoint) -> int:
    return endpoint.deliveries.filter(state=State.DELIVERED).count()


def _sweep_and_close() -> None:
    try:
        sweep()
    finally:
        connection.close()


def test_a_handshake_byte_by_byte_ends_too(impatient, monkeypatch):
    monkeypatch.setattr(addresses, "look_up", lambda **_where: "127.0.0.1")
    over = threading.Event()

    def drip(listener: socket.socket) -> None:
        line, _from = listener.accept()
        with line:
            for byte in b"\x16\x03\x03\x40\x00" + bytes(40):  # a long record of a handshake
                if over.wait(0.3):
                    return
                with contextlib.suppress(OSError):
                    line.send(bytes([byte]))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=drip, args=[listener])
        server.start()
        begun = time.monotonic()
        port = listener.getsockname()[1]
        told = post(f"https://hook.example.org:{port}/")
        over.set()
        server.join()

    assert told.outcome == Outcome.TOO_SLOW
    assert time.monotonic() - begun < IN_TIME
