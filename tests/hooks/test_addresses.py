"""Where no webhook may lead, whatever a name says, and whenever it says so."""

import ipaddress
import socket
import threading

import pytest

from partners.hooks import addresses, endpoints
from partners.models.hooks import Delivery
from tests.hooks.conftest import post
from tests.patience import IN_TIME

REFUSED = [
    "0.0.0.0", "10.1.2.3", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.9.9.9",
    "169.254.169.254", "169.254.170.2", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.192",
    "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.19.255.255", "198.51.100.7",
    "203.0.113.7", "168.63.129.16", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1", "100::1", "2001::1", "2001:0:53aa::1",
    "2001:10::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::1", "2002:808:808::1", "3fff::1",
    "5f00::1", "fc00::1", "fd00:ec2::254", "fd20:ce::254", "fe80::1", "fec0::1", "ff02::1",
]  # fmt: skip
ALLOWED = ["1.1.1.1", "8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450::1"]


def named(monkeypatch, *found: str) -> None:
    rows = [(0, 0, 0, "", (it, 443)) for it in found]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_words, **_options: rows)


@pytest.mark.parametrize("address", REFUSED)
def test_nobody_is_sent_there(address):
    assert addresses.refused_as(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ALLOWED)
def test_the_public_internet_is_open(address):
    assert addresses.refused_as(ipaddress.ip_address(address)) is None


@pytest.mark.parametrize("address", REFUSED)
def test_a_name_that_leads_there_is_refused_when_it_is_used(monkeypatch, address):
    named(monkeypatch, address)

    answer = post("https://hook.example.org/")

    assert answer.outcome == Delivery.Outcome.REFUSED


def test_one_private_address_among_public_ones_is_enough(monkeypatch):
    named(monkeypatch, "8.8.8.8", "10.0.0.1")

    with pytest.raises(addresses.Refused):
        addresses.look_up(host="hook.example.org", port=443)


def test_a_name_is_asked_for_once_and_the_checked_address_is_what_is_connected_to(monkeypatch):
    answers = iter([["8.8.8.8"], ["127.0.0.1"], ["127.0.0.1"]])
    asked, connected = [], []

    def getaddrinfo(host, port, **_options):
        asked.append(host)
        return [(0, 0, 0, "", (it, port)) for it in next(answers)]

    def connect(_line, address):
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(socket.socket, "connect", connect)

    answer = post("https://rebind.example.org/")

    assert answer.outcome == Delivery.Outcome.UNREACHABLE
    assert asked == ["rebind.example.org"]
    assert connected == [("8.8.8.8", 443)]


def test_a_name_nobody_knows_and_a_resolver_that_hangs(monkeypatch):
    def unknown(*_words, **_options):
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    answer = post("https://hook.example.org/")
    assert answer.outcome == Delivery.Outcome.NO_NAME

    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_words, **_options: over.wait(20) and [])
    monkeypatch.setattr(addresses, "LOOK_UP_SECONDS", 0.1)
    answer = post("https://hook.example.org/")
    over.set()
    assert answer.outcome == Delivery.Outcome.NO_NAME
    assert answer.milliseconds < IN_TIME * 1000


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org/",
        "http://127.0.0.1/",
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://127.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://localhost/",
        "https://user:pass@example.org/",
        "https://example.org:99999/",
        "https://example.org/#part",
        "https://example.org/a b",
        "https://example.org/\r\nHost: x",
        "https://exämple.org/",
        "ftp://example.org/",
        "file:///etc/passwd",
        "https:///",
        "//example.org/",
        "",
    ],
)
def test_what_needs_no_asking_is_refused_at_once(address):
    with pytest.raises(endpoints.NotTaken):
        endpoints.check(address=address)


def test_usual_addresses_are_taken():
    for address in ("https://example.org", "https://hooks.example.org:8443/a/b?c=d"):
        endpoints.check(address=address)


def test_loopback_is_for_this_machine_alone_and_for_no_other_name(settings):
    settings.HOOKS_TO_LOOPBACK = True

    endpoints.check(address="http://127.0.0.1:8000/hook")
    for address in ("http://10.0.0.1/", "http://localhost/", "https://127.0.0.1/"):
        with pytest.raises(endpoints.NotTaken):
            endpoints.check(address=address)
