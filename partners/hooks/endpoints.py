"""Making an endpoint, testing it, switching it off and on, renewing its secret."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit
from uuid import uuid4

from django.db import transaction

from partners.hooks import addresses
from partners.models import Delivery, Endpoint, HookMark, Partner, User
from partners.models.hooks import Event

MOST = 10  # of one partner: each event costs a row for each


class NotTaken(ValueError):
    """No webhook may lead to this address."""


def check(*, address: str) -> None:
    """Refuse what can be refused without asking anybody. Raises NotTaken."""
    try:
        parts = urlsplit(address)
        host, _port = parts.hostname or "", parts.port
        host.encode("idna")
    except (ValueError, UnicodeError):
        raise NotTaken from None
    if parts.scheme == "http" and addresses.may_be_plain(host):
        return
    # No number is the last part of a name: `127.1` and `0x7f.1` are addresses to a resolver.
    is_name = "." in host and host.rpartition(".")[2][:1].isalpha()
    if parts.scheme != "https" or not is_name or parts.username is not None or parts.fragment:
        raise NotTaken
    if not address.isascii() or not address.isprintable() or " " in address:
        raise NotTaken


def make(
    *,
    partner: Partner | None,
    address: str,
    dialect: Endpoint.Dialect,
    kinds: Sequence[Event],
    author: User,
    language: str,
    now: datetime,
) -> Endpoint:
    """Make an endpoint that is told of what happens from now on. Raises NotTaken."""
    check(address=address)
    if dialect == Endpoint.Dialect.CHAT:
        kinds = [Event.MILESTONE_REACHED]
    with transaction.atomic():
        _look_again_from(now)
        return Endpoint.objects.create(
            partner=partner,
            address=address,
            dialect=dialect,
            kinds=[it for it in Event if it in kinds and it != Event.PING],
            language=language,
            made_by=author,
            made_at=now,
            since_at=now,
        )


def has_room(*, partner: Partner) -> bool:
    return Endpoint.objects.filter(partner=partner).count() < MOST


def sends_for(*, partner: Partner, maker: User) -> int:
    """Return how many of this partner's endpoints that this person made are told of events."""
    return Endpoint.objects.live().filter(partner=partner, made_by=maker).count()


def name_people(*, endpoint: Endpoint, at: datetime | None) -> bool:
    """Let an endpoint of staff say who a lead is, and not its id alone; None: no longer.

    False for a partner's: there each person decides.
    """
    staff = Endpoint.objects.filter(pk=endpoint.pk, partner=None)
    return bool(staff.update(names_people_at=at))


def ping(*, endpoint: Endpoint, now: datetime) -> Delivery:
    """Owe it a test, at once."""
    return Delivery.objects.create(
        endpoint=endpoint,
        source=f"ping:{uuid4()}",
        kind=Event.PING,
        happened_at=now,
        planned_at=now,
        due_at=now,
    )


def switch_off(*, endpoint: Endpoint, now: datetime) -> None:
    """Send it nothing more; what was due waits. Idempotent."""
    Endpoint.objects.live().filter(pk=endpoint.pk).update(
        switched_off_at=now, off_because=Endpoint.Off.BY_HAND
    )


def switch_on(*, endpoint: Endpoint, now: datetime) -> None:
    """Send it what was due, and what happens from now on. Idempotent."""
    with transaction.atomic():
        _look_again_from(now)
        Endpoint.objects.filter(pk=endpoint.pk).exclude(switched_off_at=None).update(
            switched_off_at=None,
            off_because="",
            failures=0,
            failing_since=None,
            rests_until=None,
            since_at=now,
        )


def rotate(*, endpoint: Endpoint, now: datetime) -> Endpoint:
    """Give it a new secret; the old one signs, too, for a day."""
    endpoint.old_salt, endpoint.salt, endpoint.rotated_at = endpoint.salt, uuid4(), now
    endpoint.save(update_fields=["old_salt", "salt", "rotated_at"])
    return endpoint


def delete(*, endpoint: Endpoint) -> None:
    """Forget it with its log."""
    endpoint.delete()


def _look_again_from(now: datetime) -> None:
    """Where nobody was told of anything, nobody looked: begin anew, not where that ended."""
    if not Endpoint.objects.live().exists():
        HookMark.objects.update_or_create(pk=1, defaults={"swept_at": now, "combed_at": now})
