"""What makes us look at a sign-up before a partner is credited with it. Nobody is turned away."""

import hashlib
import ipaddress
import secrets
import threading
import time
from collections import defaultdict, deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from disposable_email_domains import blocklist

from candidates import identity
from partners.links import Link
from partners.models import Hold, Member
from recruit.memory import Kept

KEPT_SECONDS = 5.0
# So many sign-ups through one link from one network in so short a time are looked at. A class that
# signs up together at one event is withheld too, from the 21st on: one click credits them all.
MOST_AT_ONCE, WITHIN_SECONDS = 20, 600.0
MOST_REMEMBERED = 50_000
# Two names of one house, in which dots in the name of a mailbox mean nothing.
GOOGLE = {"gmail.com", "googlemail.com"}


def of(
    *, email: str, link: Link | None, address: str, device_of: Collection[int] = ()
) -> Hold.Suspicion | None:
    """Say why this sign-up should be looked at before its link is credited, if at all.

    `email` is canonical (identity.canonical_email). `address` is the network address of the
    request: it is hashed with a key that never leaves this process, forgotten after
    WITHIN_SECONDS, and stored nowhere. `device_of` are the partners whose members log in where the
    request comes from (partners.devices); neither is known of a sign-up that was kept already.
    """
    if not link:
        return None
    its_members = _members.get(_read_members).get(link.partner_id, ())
    if link.partner_id in device_of or bare(email) in its_members:
        return Hold.Suspicion.SELF_REFERRAL
    if is_disposable(email):
        return Hold.Suspicion.DISPOSABLE
    return Hold.Suspicion.BURST if bursts.note(link_id=link.id, address=address) else None


def bare(email: str) -> str:
    """Return what is left of a canonical address without what its owner may add or change."""
    name, _, domain = email.rpartition("@")
    name = name.partition("+")[0]
    return f"{name.replace('.', '')}@gmail.com" if domain in GOOGLE else f"{name}@{domain}"


def is_disposable(email: str) -> bool:
    """Whether the domain, or one that it belongs to, hands out addresses to be thrown away."""
    parts = email.rpartition("@")[2].split(".")
    return any(".".join(parts[place:]) in blocklist for place in range(len(parts) - 1))


_members: Kept[Mapping[int, set[str]]] = Kept(seconds=KEPT_SECONDS)


def _read_members() -> Mapping[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    for partner_id, email in Member.objects.values_list("partner_id", "user__email"):
        found[partner_id].add(bare(identity.canonical_email(email)))
    return found


@dataclass
class Bursts:
    """When sign-ups of late came through a link from a network: in this process's memory alone.

    Each process counts its own, so with four of them a burst is noticed after at most 80.
    """

    key: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    _seen: dict[bytes, deque[float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, *, link_id: int, address: str) -> bool:
        """Remember one more sign-up, and say whether that is too many at once."""
        if not (network := network_of(address)):
            return False
        who = hashlib.blake2b(f"{link_id} {network}".encode(), key=self.key, digest_size=16)
        now = time.monotonic()
        with self._lock:
            if len(self._seen) >= MOST_REMEMBERED:
                self._forget_old(now)
            moments = self._seen.setdefault(who.digest(), deque(maxlen=MOST_AT_ONCE))
            is_full = len(moments) == MOST_AT_ONCE
            is_burst = is_full and moments[0] > now - WITHIN_SECONDS
            moments.append(now)
        return is_burst

    def _forget_old(self, now: float) -> None:
        """Make room: of those that came lately, if they are that many, the oldest half goes too."""
        recent = {
            who: moments
            for who, moments in self._seen.items()
            if moments[-1] > now - WITHIN_SECONDS
        }
        kept = list(recent.items())[-MOST_REMEMBERED // 2 :]
        self._seen = dict(kept)


bursts = Bursts()


def network_of(address: str) -> str:
    """Return the /24 or /64 of an address; nothing for one of our own networks, or none at all.

    Where a proxy hides the visitors, all seem to come from it: that is no burst.
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    if found.is_private or found.is_loopback:
        return ""
    bits = 24 if found.version == 4 else 64
    return str(ipaddress.ip_network((found, bits), strict=False))


def forget() -> None:
    """Forget every sign-up and every member that this process remembers."""
    _members.forget()
    bursts._seen.clear()  # noqa: SLF001
