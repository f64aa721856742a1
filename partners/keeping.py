"""What somebody sent after their session had ended: the pages of the log-in carry it, alone.

It is in no session, no cache and no address. It is signed, so that what is sent on after the log-in
is what this very site was sent before.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core import signing

SALT = "partners.kept-form"
# A broadcast in two languages is a tenth of this.
MOST_CHARACTERS = 200_000
# What somebody proves who they are by is not carried about; the token is the old session's.
SECRET = "password"  # noqa: S105 - a part of the names of fields
TOKEN = "csrfmiddlewaretoken"  # noqa: S105 - the name of a field

Fields = Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Kept:
    """Where it was sent to, and the fields in their order."""

    path: str
    fields: tuple[tuple[str, str], ...]

    @property
    def written(self) -> list[str]:
        """What was written by hand, as far as a form can tell: whatever has a space in it."""
        return [value for _name, value in self.fields if " " in value.strip()]


def pack(*, path: str, fields: Fields) -> str:
    """Return it as one line, or nothing where nothing may be kept."""
    told = [(name, value) for name, value in fields if name != TOKEN]
    size = sum(len(name) + len(value) for name, value in told)
    if not told or size > MOST_CHARACTERS or any(SECRET in name for name, _value in told):
        return ""
    return signing.dumps([path, told], salt=SALT, compress=True)


def unpack(*, line: str) -> Kept | None:
    """Read it again; None for what was not packed here."""
    try:
        path, told = signing.loads(line, salt=SALT)
    except signing.BadSignature:
        return None
    return Kept(path, tuple((name, value) for name, value in told))
