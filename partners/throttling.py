"""Bounds how often somebody may try: passwords, letters, codes, links.

Counted in Redis under keyed hashes that expire, so that it holds nobody's address or e-mail. While
Redis is away nobody is kept out: a log says so, and passwords and codes still have to be right.
"""

import hashlib
import hmac
import ipaddress
import logging
import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from recruit import valkey

PREFIX = "recruit:tries:"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limit:
    """How many tries within a window: one account from one place, from anywhere, one place.

    Few from one place, so that who guesses from elsewhere does not lock the owner out.
    """

    account_and_place: int
    account: int
    place: int
    window: timedelta


LOG_IN = Limit(10, 100, 100, timedelta(minutes=15))
# Who guesses here has the password: 480 of a million codes a day, three of which are right.
CODE = Limit(10, 20, 60, timedelta(hours=1))
LETTER = Limit(5, 10, 50, timedelta(hours=1))
JOIN = Limit(20, 40, 60, timedelta(minutes=15))
INVITE = Limit(60, 60, 120, timedelta(hours=1))
APPLY = Limit(10, 20, 30, timedelta(hours=1))
TEST_MAIL = Limit(20, 20, 60, timedelta(hours=1))
# So long is a place known to be an account's own: guesses from elsewhere close no door there.
KNOWN_FOR = timedelta(days=30)


class TooManyTries(Exception):
    """Not now: in `minutes` at the latest."""

    def __init__(self, limit: Limit) -> None:
        super().__init__()
        self.minutes = int(limit.window.total_seconds() // 60)


def count(*, door: str, limit: Limit, account: str, address: str, now: datetime) -> None:
    """Count this try before it is made, so that a hundred at once are a hundred.

    `account` is what was typed, whether there is such an account or not. Raises TooManyTries.
    """
    try:
        with valkey.client.pipeline(transaction=False) as pipe:
            for key in _keys(door, limit, account, address, now):
                pipe.incr(key)
                pipe.expire(key, limit.window)
            pipe.exists(_known(door, account, address))
            *tries, is_known = pipe.execute()
    except valkey.AWAY as away:
        logger.warning("tries are not being counted: %s", type(away).__name__)
        return
    from_anywhere = math.inf if is_known else limit.account
    most = (limit.account_and_place, from_anywhere, limit.place)
    if any(made > allowed for made, allowed in zip(tries[::2], most, strict=True)):
        raise TooManyTries(limit)


def forgive(*, door: str, limit: Limit, account: str, address: str, now: datetime) -> None:
    """Forget the tries of one account from one place, and know it: its owner was there."""
    try:
        valkey.client.delete(_keys(door, limit, account, address, now)[0])
        valkey.client.set(_known(door, account, address), 1, ex=KNOWN_FOR)
    except valkey.AWAY as away:
        logger.warning("tries are not being forgotten: %s", type(away).__name__)


def _keys(door: str, limit: Limit, account: str, address: str, now: datetime) -> list[str]:
    window = int(now.timestamp() // limit.window.total_seconds())
    name, place = _name(account), _place(address)
    tried = (("both", name, place), ("account", name), ("place", place))
    return [PREFIX + _hash(door, str(window), *words) for words in tried]


def _known(door: str, account: str, address: str) -> str:
    return PREFIX + _hash(door, "known", _name(account), _place(address))


def _name(account: str) -> str:
    return account.strip().lower()


def _place(address: str) -> str:
    """Return who is one and the same to us: an IPv4 address, or the /64 that a home has of IPv6."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(ip, ipaddress.IPv6Address):
        ip = ip.ipv4_mapped or ip
    return str(ip) if ip.version == 4 else str(ipaddress.ip_network(f"{ip}/64", strict=False))


def _hash(*words: str) -> str:
    said = "\0".join(words).encode()
    return hmac.new(settings.SECRET_KEY.encode(), said, hashlib.sha256).hexdigest()[:32]
