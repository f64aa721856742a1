"""Letters with a text and an HTML part, made into bytes in a fraction of the time Django takes."""

from collections.abc import Iterator
from email.policy import Compat32
from email.utils import formatdate, parseaddr
from typing import Any, Final

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import forbid_multi_line_headers

LONGEST_LINE: Final = 998  # RFC 5322, 2.1.1, without its end
LONGEST_HEADER: Final = 900
# Longer ones are folded by Django, which encodes what is not ASCII, too.
LONGEST_SUBJECT: Final = 60


class AsWritten(Compat32):
    """Leaves a header alone that fits into its line; finding that out took a third of the work.

    By the time this is asked, Django has refused line breaks and encoded what is not ASCII.
    """

    def fold_binary(self, name: str, value: str) -> bytes:
        if _is_plain(value, LONGEST_HEADER):
            return f"{name}: {value}{self.linesep}".encode("ascii")
        return super().fold_binary(name, value)


AS_WRITTEN = AsWritten()


class Letter(EmailMultiAlternatives):
    """The boundary is known in advance: inventing one means searching every part for it."""

    boundary: str
    metadata: dict[str, str]  # what a provider says again when it tells us of this mail

    def message(self, **options: Any) -> Any:
        message = super().message(**options)
        message.policy = AS_WRITTEN
        message.set_boundary(self.boundary)
        return message

    def wire(self) -> bytes | None:
        """Return the letter as `message` would be sent; None where only Django should write it."""
        if not self._is_usual():
            return None
        parts = [_part("plain", str(self.body)), _part("html", str(self.alternatives[0][0]))]
        if any(_is_too_long(part) for part in parts):
            return None
        head = "".join(_header(name, str(value)) for name, value in self._headers())
        edge = f"\r\n--{self.boundary}".encode()
        return b"".join(
            [head.encode("ascii"), *(edge + b"\r\n" + part for part in parts), edge, b"--\r\n"]
        )

    def _is_usual(self) -> bool:
        """Whether it is two parts in UTF-8, to one address in ASCII, and nothing else."""
        kinds = [kind for _content, kind in self.alternatives]
        is_two_parts = kinds == ["text/html"] and not self.attachments and not self.encoding
        is_to_one = len(self.recipients()) == len(self.to) == 1
        return is_two_parts and is_to_one and self._is_plainly_addressed()

    def _is_plainly_addressed(self) -> bool:
        """Parsing takes a twentieth of a mail's time: where all is ASCII, the address is, too."""
        return self.to[0].isascii() or self.reader.isascii()

    @property
    def reader(self) -> str:
        """The bare address of the one it is for."""
        return parseaddr(self.to[0])[1]

    def _headers(self) -> Iterator[tuple[str, object]]:
        yield "Subject", self.subject
        yield "From", self.from_email
        yield "To", ", ".join(self.to)
        if self.reply_to:
            yield "Reply-To", ", ".join(self.reply_to)
        yield "Date", formatdate(localtime=settings.EMAIL_USE_LOCALTIME)
        yield from self.extra_headers.items()
        yield "MIME-Version", "1.0"
        yield "Content-Type", f'multipart/alternative; boundary="{self.boundary}"'


def _header(name: str, value: str) -> str:
    """Write a header; what is not plain Django encodes, and refuses with a line break in it."""
    if not _is_plain(value, LONGEST_SUBJECT if name == "Subject" else LONGEST_HEADER):
        name, value = forbid_multi_line_headers(name, value, "utf-8")
        value = value.replace("\n", "\r\n")
    return f"{name}: {value}\r\n"


def _is_plain(value: object, longest: int) -> bool:
    if not isinstance(value, str) or not value.isascii() or len(value) > longest:
        return False
    return "\n" not in value and "\r" not in value


def _part(kind: str, content: str) -> bytes:
    encoding = "7bit" if content.isascii() else "8bit"
    head = (
        f'Content-Type: text/{kind}; charset="utf-8"\r\nMIME-Version: 1.0\r\n'
        f"Content-Transfer-Encoding: {encoding}\r\n\r\n"
    )
    lines = content.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
    return f"{head}{lines}".encode()


def _is_too_long(part: bytes) -> bool:
    return max(map(len, part.split(b"\r\n"))) > LONGEST_LINE
