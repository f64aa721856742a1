"""What a provider posts to us, checked and read by anymail, in our words.

Opens and clicks are left out: we ask no provider to count them, and no mail carries a pixel.
"""

import hashlib
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from anymail.exceptions import AnymailWebhookValidationFailure
from anymail.signals import AnymailTrackingEvent, EventType, RejectReason
from anymail.webhooks.mailgun import MailgunTrackingWebhookView
from anymail.webhooks.postmark import PostmarkTrackingWebhookView
from anymail.webhooks.sparkpost import SparkPostTrackingWebhookView
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, UnreadablePostError

from candidates.events.recording import record
from candidates.models import MailEvent

Kind = MailEvent.Kind
VIEWS: Final[Mapping[str, type[Any]]] = {
    "mailgun": MailgunTrackingWebhookView,
    "postmark": PostmarkTrackingWebhookView,
    "sparkpost": SparkPostTrackingWebhookView,
}
KINDS: Final[Mapping[str, Kind]] = {
    EventType.DELIVERED: Kind.DELIVERED,
    EventType.DEFERRED: Kind.DEFERRED,
    EventType.COMPLAINED: Kind.COMPLAINT,
    EventType.UNSUBSCRIBED: Kind.UNSUBSCRIBED,
    EventType.FAILED: Kind.REJECTED,
}
# The provider sends nothing there any more, or the mailbox does not exist.
FOR_GOOD = (RejectReason.INVALID, RejectReason.BOUNCED)
# SparkPost's "invalid recipient" and "no RCPT"; its other bounces may pass.
SPARKPOST_FOR_GOOD = ("10", "30")


class Forged(Exception):
    """It does not carry the secret or the signature of our provider."""


class Unreadable(Exception):
    """It is not what our provider posts."""


@dataclass(frozen=True, slots=True)
class Told:
    """One event of one mail of ours."""

    event_id: str
    kind: Kind
    followup_id: uuid.UUID
    at: datetime | None
    detail: str


def read(*, provider: str, request: HttpRequest) -> list[Told]:
    """Return what is told of mails of ours. Raises Forged and Unreadable."""
    view = VIEWS[provider]()
    try:
        view.run_validators(request)
        found = [_told(provider, event) for event in view.parse_events(request)]
    except AnymailWebhookValidationFailure as forged:
        raise Forged from forged
    except (RequestDataTooBig, UnreadablePostError):
        raise
    except Exception as trouble:  # anymail believes whatever carries the secret
        raise Unreadable from trouble
    return [told for told in found if told]


def note(
    *, provider: str, told: list[Told], clock: Callable[[], datetime], until: datetime
) -> bool:
    """Record these; False where the time was over before the last: to be told again."""
    for one in told:
        now = clock()
        if now > until:
            return False
        record(
            provider=provider,
            event_id=one.event_id,
            kind=one.kind,
            followup_id=one.followup_id,
            at=one.at or now,
            detail=one.detail,
            now=now,
        )
    return True


def _told(provider: str, event: AnymailTrackingEvent) -> Told | None:
    kind, followup_id = _kind(provider, event), _followup_id(event.metadata)
    if kind is None or followup_id is None:
        return None
    at = event.timestamp
    return Told(
        event_id=str(event.event_id or _digest(event)),
        kind=kind,
        followup_id=followup_id,
        at=at.replace(tzinfo=at.tzinfo or UTC) if at else None,
        detail=str(event.mta_response or event.description or event.reject_reason or ""),
    )


def _followup_id(metadata: Mapping[str, object]) -> uuid.UUID | None:
    """Return the follow-up of this mail; other mail of ours carries none."""
    try:
        return uuid.UUID(str(metadata["followup"]))
    except (LookupError, TypeError, ValueError):
        return None


def _digest(event: AnymailTrackingEvent) -> str:
    """Name an event that its provider gives no name: told again, it is told in the same words."""
    words = json.dumps(event.esp_event, sort_keys=True, default=str)
    return hashlib.sha256(words.encode()).hexdigest()


def _kind(provider: str, event: AnymailTrackingEvent) -> Kind | None:
    if event.event_type == EventType.BOUNCED:
        return Kind.HARD_BOUNCE if _is_for_good(provider, event) else Kind.SOFT_BOUNCE
    if event.event_type == EventType.REJECTED:
        return _rejected(event.reject_reason)
    return KINDS.get(event.event_type)


def _rejected(reason: str | None) -> Kind:
    if reason == RejectReason.UNSUBSCRIBED:
        return Kind.UNSUBSCRIBED
    return Kind.HARD_BOUNCE if reason in FOR_GOOD else Kind.REJECTED


def _is_for_good(provider: str, event: AnymailTrackingEvent) -> bool:
    """Anymail calls all of them bounced; each provider says in its own way what may pass."""
    raw = event.esp_event
    if provider == "postmark":
        return "HardBounce" in (raw.get("Type"), raw.get("SuppressionReason"))
    if provider == "sparkpost":
        (said,) = raw["msys"].values()
        return str(said.get("bounce_class")) in SPARKPOST_FOR_GOOD
    return event.reject_reason in FOR_GOOD
