"""The log of deliveries: read, replayed, and forgotten after a while."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from partners.models import Delivery, Endpoint

# Longer than planning looks back for any event, or a forgotten one would be planned anew.
RETENTION = timedelta(days=60)
STEP = 5_000


def listed(*, endpoint: Endpoint, most: int) -> Sequence[Delivery]:
    return list(endpoint.deliveries.order_by("-planned_at", "-id")[:most])


def replay(*, endpoint: Endpoint, delivery_id: UUID, now: datetime) -> bool:
    """Owe one delivery again under its old id; False where it is due anyway or none of theirs."""
    return bool(_again(endpoint.deliveries.filter(pk=delivery_id), now))


def replay_since(*, endpoint: Endpoint, since: datetime, now: datetime) -> int:
    """Owe again all that happened since then, under the old ids; return how many."""
    return _again(endpoint.deliveries.filter(happened_at__gte=since), now)


def expire(*, now: datetime) -> int:
    """Forget what is older than RETENTION, a few thousand at a time. Idempotent."""
    old = Delivery.objects.filter(planned_at__lt=now - RETENTION).values("pk")[:STEP]
    forgotten = 0
    while some := Delivery.objects.filter(pk__in=old).delete()[0]:
        forgotten += some
    return forgotten


def _again(deliveries: QuerySet[Delivery], now: datetime) -> int:
    settled = deliveries.exclude(state=Delivery.State.DUE)
    return settled.update(state=Delivery.State.DUE, due_at=now, attempts=0, leased_until=None)
