"""What a mail that came back says of one of ours: a report, a complaint, or somebody's answer.

Anybody can write to this mailbox. What counts is a Message-ID of ours, which only its reader and
the servers on its way have seen: 122 random bits that nobody guesses. Who has it can forge a
bounce, and so stop mail to the one reader who got that mail, and do nothing else.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, message_from_string
from email.message import Message
from email.utils import parsedate_to_datetime
from uuid import UUID

from django.conf import settings

from candidates.models import MailEvent

Kind = MailEvent.Kind
OUR_ID = re.compile(r"<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@([^<>@\s]{1,255})>")
STATUS = re.compile(r"\s*([245])\.(\d{1,3})\.(\d{1,3})\b")
# RFC 3463: a full mailbox, and what is about the letter or the sender's standing, may pass.
MAY_PASS = re.compile(r"\s*5\.(?:2\.[23]|3\.4|6\.\d+|7\.\d+)\b")
# RFC 5965, 7.3: what a reader calls it; "not-spam" speaks for us.
FEEDBACK = {
    "abuse": Kind.COMPLAINT,
    "fraud": Kind.COMPLAINT,
    "virus": Kind.COMPLAINT,
    "other": Kind.COMPLAINT,
    "opt-out": Kind.UNSUBSCRIBED,
}
MOST_PARTS = 50
# A report has two or three of them. Each one that stands in another is asked about each line.
MOST_MULTIPARTS = 30
MULTIPART = re.compile(rb"multipart/", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Understood:
    """What it says; no kind: nothing that changes anything. Words of a person are kept."""

    kind: Kind | None = None
    followup_id: UUID | None = None
    at: datetime | None = None
    detail: str = ""

    @property
    def is_from_a_person(self) -> bool:
        return self.kind == Kind.REPLIED


def read(*, content: bytes) -> Understood | None:
    """Return what it says, or None where we do not understand it. Never raises."""
    if len(MULTIPART.findall(content)) > MOST_MULTIPARTS:
        return None
    try:
        return _read(content)
    except Exception:  # noqa: BLE001 - anybody writes here: mails a thousand deep, and worse
        return None


def _read(content: bytes) -> Understood | None:
    message = message_from_bytes(content)
    parts = [part for part, _number in zip(message.walk(), range(MOST_PARTS), strict=False)]
    for part in parts:
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            return _told(message, parts, _delivery(part))
        if kind == "message/feedback-report":
            return _told(message, parts, _feedback(part))
    return _answer(message)


def _told(message: Message, parts: list[Message], said: Understood) -> Understood | None:
    """A report counts by the headers of our mail that it brings back."""
    if said.kind is None:
        return said
    followup_id = next(_returned(parts), None)
    if followup_id is None:
        return None
    return Understood(said.kind, followup_id, _date(message), said.detail)


def _returned(parts: list[Message]) -> Iterator[UUID]:
    for part in parts:
        if part.get_content_type() == "text/rfc822-headers":
            yield from _ours(message_from_string(_text(part)), "Message-ID")
        if part.get_content_type() in ("message/rfc822", "message/rfc822-headers"):
            for inner in _blocks(part):
                yield from _ours(inner, "Message-ID")


def _delivery(part: Message) -> Understood:
    """RFC 3464, 2.3: one block for the message, then one for each reader; ours have one reader."""
    kinds = {"delayed": Kind.DEFERRED, "delivered": Kind.DELIVERED}
    for block in _blocks(part):
        action, status = _header(block, "Action").lower(), _header(block, "Status")
        kind = _failed(status) if action == "failed" else kinds.get(action)
        if kind:
            return Understood(kind, detail=f"{status} {_header(block, 'Diagnostic-Code')}")
    return Understood()


def _failed(status: str) -> Kind:
    found = STATUS.match(status)
    is_for_good = found and found[1] == "5" and not MAY_PASS.match(status)
    return Kind.HARD_BOUNCE if is_for_good else Kind.SOFT_BOUNCE


def _feedback(part: Message) -> Understood:
    for block in _blocks(part):
        said = _header(block, "Feedback-Type").lower()
        if said:
            return Understood(FEEDBACK.get(said), detail=said)
    return Understood()


def _answer(message: Message) -> Understood | None:
    """An answer names the mail that it answers; a program that answers says that it is one."""
    followup_id = next(
        (it for name in ("In-Reply-To", "References") for it in _ours(message, name)), None
    )
    if followup_id is None:
        return None
    if _is_automatic(message):
        return Understood()
    return Understood(Kind.REPLIED, followup_id, _date(message))


def _is_automatic(message: Message) -> bool:
    """RFC 3834, 2 and 5, and what vacation programs wrote before it."""
    automatic = _header(message, "Auto-Submitted").lower().partition(";")[0].strip()
    precedence = _header(message, "Precedence").lower()
    older = ("X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress")
    return (
        automatic not in ("", "no")
        or precedence in ("bulk", "junk", "list", "auto_reply")
        or _header(message, "Return-Path") == "<>"
        or any(message.get(name) for name in older)
    )


def _ours(message: Message, name: str) -> Iterator[UUID]:
    for found, domain in OUR_ID.findall(_header(message, name)):
        if domain == settings.MAIL_DOMAIN:
            yield UUID(found)


def _blocks(part: Message) -> list[Message]:
    inside = part.get_payload()
    return [it for it in inside if isinstance(it, Message)] if isinstance(inside, list) else []


def _header(message: Message, name: str) -> str:
    return str(message.get(name, "")).strip()


def _text(part: Message) -> str:
    inside = part.get_payload(decode=True)
    return inside.decode("ascii", "replace") if isinstance(inside, bytes) else ""


def _date(message: Message) -> datetime | None:
    try:
        at = parsedate_to_datetime(_header(message, "Date"))
        return at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
