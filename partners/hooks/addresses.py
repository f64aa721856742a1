"""Where a webhook may lead: to the public internet, and to nothing else that a server can reach.

A partner chooses the address, our server does the asking: without this it could be sent to ask the
machines beside it, or the cloud's own for its keys.
"""

import ipaddress
import queue
import socket
import threading

from django.conf import settings

from partners.models.attempts import Place

LOOK_UP_SECONDS = 3

# Written out, because what Python calls global differs from one patch release to the next. Sources:
# IANA's registries of special-purpose addresses; 168.63.129.16 is where Azure's machines ask. The
# first that holds an address says what is told of it: `::1` is of the machine, and in `::/96`.
REFUSED = [
    (ipaddress.ip_network(network), place)
    for place, networks in {
        Place.MACHINE: ("0.0.0.0/8", "127.0.0.0/8", "::/128", "::1/128"),
        Place.PRIVATE: (
            "10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7",
        ),
        Place.LINK: ("168.63.129.16/32", "169.254.0.0/16", "fe80::/10"),
        Place.CARRIES: (
            "::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48",
            "2001::/32", "2002::/16",
        ),
        Place.SPECIAL: (
            "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24",
            "203.0.113.0/24", "224.0.0.0/3", "2001::/23", "2001:db8::/32", "3fff::/20",
        ),
    }.items()
    for network in networks
]  # fmt: skip
GLOBAL_IPV6 = ipaddress.ip_network("2000::/3")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Refused(Exception):
    """This address is none of the public internet; of what kind it is, is its one argument."""

    @property
    def place(self) -> Place | None:
        return self.args[0] if self.args else None


class NoName(Exception):
    """Nobody knows this name, or nobody said so in time."""


def refused_as(address: Address) -> Place | None:
    """Say why nothing is sent there; None: it is of the public internet."""
    for network, place in REFUSED:
        if network.version == address.version and address in network:
            return place
    is_other = address.version == 6 and address not in GLOBAL_IPV6
    return Place.SPECIAL if is_other else None


def may_be_plain(host: str) -> bool:
    """Say whether plain HTTP is allowed there: to this very machine, in development and tests."""
    return settings.HOOKS_TO_LOOPBACK and host == "127.0.0.1"


def look_up(*, host: str, port: int) -> str:
    """Return the one address to connect to. Raises Refused if any of its addresses is not public.

    Whoever connects must use this very address: a name may lead elsewhere a moment later.
    """
    found = [ipaddress.ip_address(it) for it in _resolve(host, port)]
    if not found:
        raise NoName
    for address in [] if may_be_plain(host) else found:
        if place := refused_as(address):
            raise Refused(place)
    return str(found[0])


def _resolve(host: str, port: int) -> list[str]:
    """Ask for the addresses of a name, for LOOK_UP_SECONDS: a resolver has no time-out of ours."""
    answer: queue.SimpleQueue[list[str] | None] = queue.SimpleQueue()

    def ask() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            answer.put(None)
        else:
            answer.put([str(row[4][0]).partition("%")[0] for row in rows])

    threading.Thread(target=ask, name="look-up", daemon=True).start()
    try:
        found = answer.get(timeout=LOOK_UP_SECONDS)
    except queue.Empty:
        raise NoName from None
    if found is None:
        raise NoName
    return found
