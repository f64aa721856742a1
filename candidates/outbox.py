"""The outbox: where mail lands in the demo, one file per delivery."""

import heapq
import os
import tempfile
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage as ParsedMessage
from email.parser import BytesParser
from html import escape
from html.parser import HTMLParser
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class NotInOutbox(LookupError):
    """No such delivery."""


@dataclass(frozen=True)
class Delivery:
    """One message as it would have reached a mailbox; number 2 and up are repeats of it."""

    id: uuid.UUID
    number: int
    at: datetime
    message: ParsedMessage

    @property
    def to(self) -> str:
        return str(self.message["To"])

    @property
    def sender(self) -> str:
        return str(self.message["From"])

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def headers(self) -> list[tuple[str, str]]:
        return [(name, str(value)) for name, value in self.message.items()]

    @property
    def text(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    def _part(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        return str(part.get_content()) if part else ""


class EmailBackend(BaseEmailBackend):
    """Delivers into the outbox (demo only)."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            deliver(content=message.message().as_bytes())
        return len(email_messages)


def deliver(*, content: bytes) -> Path:
    """Write the message as a whole or not at all; the same message again gets the next number.

    The name is taken by a hard link, which refuses a name that is taken: a repeat never hides
    behind the first delivery, even when both arrive at once.
    """
    folder = _folder()
    headers = BytesParser(policy=policy.default).parsebytes(content, headersonly=True)
    name = _id_of(str(headers["Message-ID"]))
    descriptor, draft = tempfile.mkstemp(dir=folder, suffix=".draft")  # mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        return _take_name(Path(draft), name)
    finally:
        Path(draft).unlink()


def newest(*, limit: int) -> list[Delivery]:
    """Return the deliveries that came last, headers only, newest first."""
    with os.scandir(_folder()) as entries:
        dated = [(entry.stat().st_mtime_ns, entry.path) for entry in entries if _is_mail(entry)]
    return [_open(Path(path), headers_only=True) for _at, path in heapq.nlargest(limit, dated)]


def count() -> int:
    with os.scandir(_folder()) as entries:
        return sum(_is_mail(entry) for entry in entries)


def read(*, message_id: uuid.UUID, number: int = 1) -> Delivery:
    """Return one delivery; raise NotInOutbox. A UUID and a number can't lead out of the folder."""
    try:
        return _open(_folder() / _file_name(message_id, number))
    except FileNotFoundError as missing:
        raise NotInOutbox(message_id) from missing


def without_inline_styles(html: str) -> tuple[str, str]:
    """Return the HTML with its styles moved out, and the stylesheet they make.

    Mail needs inline styles and our Content-Security-Policy forbids them. The rules of style
    attributes come last, as they would win over a <style> block that says nothing !important.
    """
    mover = _StyleMover()
    mover.feed(html)
    mover.close()
    return "".join(mover.html), "\n".join([*mover.blocks, *mover.rules])


class _StyleMover(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.html: list[str] = []
        self.blocks: list[str] = []
        self.rules: list[str] = []
        self.is_in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.is_in_style = self.is_in_style or tag == "style"
        if self.is_in_style:
            return
        if any(name == "style" for name, _value in attrs):
            self.html.append(self._without_style(tag, attrs))
        else:
            self.html.append(self.get_starttag_text() or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag == "style":
            self.is_in_style = False
        else:
            self.html.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        (self.blocks if self.is_in_style else self.html).append(data)

    def handle_entityref(self, name: str) -> None:
        self.html.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.html.append(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        self.html.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.html.append(f"<!{decl}>")

    def _without_style(self, tag: str, attrs: list[tuple[str, str | None]]) -> str:
        number = len(self.rules) + 1
        style = next(value for name, value in attrs if name == "style")
        self.rules.append(f'[data-style="{number}"] {{ {style} }}')
        kept = [(name, value) for name, value in attrs if name != "style"]
        written = "".join(
            f" {name}" if value is None else f' {name}="{escape(value)}"' for name, value in kept
        )
        return f'<{tag}{written} data-style="{number}">'


def _folder() -> Path:
    folder = Path(settings.OUTBOX_DIR)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _is_mail(entry: os.DirEntry[str]) -> bool:
    return entry.name.endswith(".eml")


def _id_of(message_id: str) -> uuid.UUID:
    """Our letters carry a UUID; any other mail (a password reset) gets one of its own."""
    try:
        return uuid.UUID(message_id.strip("<> ").partition("@")[0])
    except ValueError:
        return uuid.uuid5(uuid.NAMESPACE_URL, message_id)


def _file_name(message_id: uuid.UUID, number: int) -> str:
    return f"{message_id}.eml" if number == 1 else f"{message_id}.{number}.eml"


def _take_name(draft: Path, message_id: uuid.UUID) -> Path:
    number = 1
    while True:
        path = draft.with_name(_file_name(message_id, number))
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            number += 1
        else:
            return path


def _open(path: Path, *, headers_only: bool = False) -> Delivery:
    name, _dot, number = path.name.removesuffix(".eml").partition(".")
    with path.open("rb") as file:
        message = BytesParser(policy=policy.default).parse(file, headersonly=headers_only)
        at = datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, tz=UTC)
    return Delivery(id=uuid.UUID(name), number=int(number or 1), at=at, message=message)
