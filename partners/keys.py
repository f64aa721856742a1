"""Keys in the links of our letters to partners: each names one row, for one purpose."""

from django.core import signing


class BadKey(ValueError):
    """The key was mistyped, cut, or made for something else."""


def make(*, purpose: str, name: object) -> str:
    return _signer(purpose).sign(str(name))


def read(*, purpose: str, key: str) -> str:
    """Return the name that was signed; raise BadKey for anything but a key of this purpose."""
    try:
        return _signer(purpose).unsign(key)
    except signing.BadSignature as bad:
        raise BadKey from bad


def _signer(purpose: str) -> signing.Signer:
    return signing.Signer(salt=f"partners.{purpose}", sep=".")
