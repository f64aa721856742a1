"""Keys in the links of our mails: they name a candidate by UUID, for one purpose, and never expire.

An unsubscribe link must work for years (CAN-SPAM asks for 30 days at least), and a late
confirmation is a welcome one; a key lets its bearer do nothing else.
"""

import base64
import binascii
import uuid

from django.core import signing


class BadToken(ValueError):
    """The key was mistyped, cut, or made for something else."""


def make(*, purpose: str, candidate_id: uuid.UUID) -> str:
    name = base64.urlsafe_b64encode(candidate_id.bytes).decode().rstrip("=")
    return signing.Signer(salt=f"candidates.{purpose}", sep=".").sign(name)


def read(*, purpose: str, token: str) -> uuid.UUID:
    """Return the candidate's id; raise BadToken for anything but a key of this purpose."""
    try:
        name = signing.Signer(salt=f"candidates.{purpose}", sep=".").unsign(token)
        return uuid.UUID(bytes=base64.urlsafe_b64decode(name + "=="))
    except (signing.BadSignature, binascii.Error, ValueError) as bad:
        raise BadToken from bad
