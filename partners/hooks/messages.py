"""What is said: an envelope with id, type, created_at and data, or a line of text for a chat."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils import translation
from django.utils.translation import gettext

from partners.hooks import signing
from partners.models import Delivery, Endpoint, Milestone
from partners.models.hooks import Event

Data = dict[str, Any]


class Told(NamedTuple):
    """When it happened, as far as the endpoint may know, and what is said of it."""

    at: datetime
    data: Data


Composer = Callable[[Delivery], Told]


class NothingToTell(Exception):
    """What this was about is no longer there."""


def write(
    *, delivery: Delivery, composers: Mapping[str, Composer], now: datetime
) -> tuple[bytes, dict[str, str]]:
    """Return body and headers. Raises NothingToTell."""
    told = composers[delivery.kind](delivery)
    body = json.dumps(_said(delivery, told), ensure_ascii=False).encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"RFS-Webhooks (+{settings.BASE_URL})",
        "RFS-Delivery": str(delivery.pk),
    }
    if delivery.endpoint.dialect == Endpoint.Dialect.SIGNED:
        mark = signing.header(endpoint=delivery.endpoint, body=body, now=now)
        headers["RFS-Signature"] = mark
    return body, headers


def _said(delivery: Delivery, told: Told) -> Data:
    if delivery.endpoint.dialect == Endpoint.Dialect.CHAT:
        with translation.override(delivery.endpoint.language):
            return {"text": _text(Event(delivery.kind), told.data)}
    return {
        "id": str(delivery.pk),
        "type": delivery.kind,
        "created_at": moment(told.at),
        "data": told.data,
    }


def _text(kind: Event, data: Data) -> str:
    """Write the one line of a chat; what staff typed can't become a link or a mention there."""
    if kind == Event.PING:
        return gettext("This is a test. Milestones of Run for Office Day will come here.")
    who = data["partner"]["name"] if data["partner"] else data["drive"]["name"]
    words = gettext("%(who)s passed %(target)s: %(value)s people.") % {
        "who": who,
        "target": intcomma(data["target"]),
        "value": intcomma(data["value"]),
    }
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def moment(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="milliseconds") if at else None


def _milestone(delivery: Delivery) -> Told:
    found = Milestone.objects.select_related("drive", "partner").filter(pk=int(delivery.subject))
    it = found.exclude(reached_at=None).first()
    if it is None:
        raise NothingToTell
    data = {
        "drive": {"slug": it.drive.slug, "name": it.drive.name},
        "partner": {"slug": it.partner.slug, "name": it.partner.name} if it.partner else None,
        "scope": it.scope,
        "target": it.target,
        "value": it.reached_value,
        "reached_at": moment(it.reached_at),
    }
    return Told(delivery.happened_at, data)


def _ping(delivery: Delivery) -> Told:
    return Told(delivery.happened_at, {})


COMPOSERS: dict[str, Composer] = {Event.MILESTONE_REACHED: _milestone, Event.PING: _ping}
