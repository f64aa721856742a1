"""One mailbox under ever new names: what its owner may do to sort mail, a stranger does to fill it.

`sam+1@example.org`, `sam+2@example.org` ... all reach Sam, and each is owed a confirmation.
"""

import hashlib
import hmac
import logging
import time

from django.conf import settings

from candidates import identity, suspicion
from recruit import valkey

PREFIX = "recruit:disguises:"
# Different names of one mailbox within so long. Under its plain name it can always sign up.
MOST, WITHIN_SECONDS = 3, 24 * 3600
QUIET_SECONDS = 10.0

logger = logging.getLogger(__name__)


class _Rest:
    """Until when Redis is left alone, in the clock of this process: no sign-up hangs on it."""

    until = 0.0


def forget() -> None:
    """Ask Redis again at once, whatever it did before."""
    _Rest.until = 0.0


def is_one_too_many(*, email: str) -> bool:
    """Remember this name of its mailbox, and say whether that has had enough of them today.

    Known by keyed hashes, in Redis; while that is away nobody is kept out.
    """
    name = identity.canonical_email(email)
    plain = suspicion.bare(name)
    if name == plain or time.monotonic() < _Rest.until:
        return False
    try:
        return _is_new(PREFIX + _hash(plain), _hash(name))
    except valkey.AWAY as away:
        _Rest.until = time.monotonic() + QUIET_SECONDS
        logger.warning("names of mailboxes are not being counted: %s", type(away).__name__)
        return False


def _is_new(mailbox: str, name: str) -> bool:
    """Say whether this is another name, and one more than MOST."""
    with valkey.client.pipeline(transaction=True) as pipe:
        pipe.sadd(mailbox, name)
        pipe.scard(mailbox)
        pipe.expire(mailbox, WITHIN_SECONDS)
        is_new, names, _is_set = pipe.execute()
    if is_new and names > MOST:
        valkey.client.srem(mailbox, name)
        return True
    return False


def _hash(words: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), words.encode(), hashlib.sha256).hexdigest()[:32]
