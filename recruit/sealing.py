"""Words that may stand in an address: only who has our key reads them.

Addresses stay in a browser's history and in the log of every server on the way; what staff type to
find somebody is a name, an e-mail address or a phone number.
"""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac


def seal(words: str) -> str:
    return _box().encrypt(words.encode(errors="replace")).decode()


def unseal(sealed: str) -> str | None:
    """Return the words, or None where this was not sealed with a key of ours."""
    try:
        return _box().decrypt(sealed.encode(errors="replace")).decode()
    except InvalidToken:
        return None


def _box() -> MultiFernet:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return MultiFernet([Fernet(_key(it)) for it in keys])


def _key(secret: str | bytes) -> bytes:
    mac = salted_hmac("recruit.sealing", "", secret=secret, algorithm="sha256")
    return base64.urlsafe_b64encode(mac.digest())
