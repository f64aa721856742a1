"""Which deliveries are sent now: of the endpoint that waited longest, a handful over one line."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet

from partners.models import Delivery, Endpoint
from partners.models.attempts import Attempt, Outcome

# Longer than a handful: what is begun within HANDFUL_SECONDS, the last of it with a look-up of the
# name and a conversation, and the record of it.
LEASE = timedelta(seconds=30)
HANDFUL, HANDFUL_SECONDS = 25, 2
# However slow it is, an endpoint keeps no more threads than this, nor do all of a partner's
# together; one that fails keeps one, and is tried by one delivery.
AT_ONCE, AT_ONCE_FAILING = 2, 1


def claim(*, now: datetime) -> Sequence[Delivery]:
    """Take what is due of one endpoint for LEASE; nobody else is given the same.

    The endpoint is locked while its claims are counted, so no two workers pass its bound.
    """
    with transaction.atomic():
        endpoint = _next_endpoint(now)
        if endpoint is None:
            return []
        Endpoint.objects.filter(pk=endpoint.pk).update(claimed_at=now)
        under_way = Delivery.objects.filter(endpoint=endpoint, leased_until__gte=now)
        claims = under_way.aggregate(Count("leased_until", distinct=True), Max("leased_until"))
        most = AT_ONCE_FAILING if endpoint.failures else AT_ONCE
        if claims["leased_until__count"] >= most:
            return []
        # Its own, by a microsecond if need be: by their lease, claims are told apart.
        last = claims["leased_until__max"]
        own = timedelta(microseconds=1)
        return _take(endpoint, now, max(now + LEASE, last + own) if last else now + LEASE)


def give_back(*, unbegun: Sequence[Delivery]) -> None:
    """Let others send what was claimed and not begun: that was no attempt."""
    if unbegun:
        ours = Delivery.objects.filter(leased_until=unbegun[0].leased_until)
        ours = ours.filter(pk__in=[it.pk for it in unbegun])
        ours.update(leased_until=None, attempts=F("attempts") - 1)


def _next_endpoint(now: datetime) -> Endpoint | None:
    leased = Delivery.objects.filter(leased_until__gte=now)
    claims = set(leased.values_list("endpoint", "endpoint__partner", "leased_until"))
    of_endpoints = Counter(endpoint for endpoint, _partner, _lease in claims)
    of_partners = Counter(partner for _endpoint, partner, _lease in claims if partner)
    waiting = (
        Endpoint.objects.live()
        .select_related("partner")
        .filter(
            Q(rests_until=None) | Q(rests_until__lte=now),
            Exists(_due(now).filter(endpoint=OuterRef("pk"))),
        )
    )
    free = waiting.exclude(pk__in=_full(of_endpoints)).exclude(pk__in=of_endpoints, failures__gt=0)
    # Without a lock on the partner: two workers may pass this bound at once, by one each.
    free = free.exclude(partner__in=_full(of_partners))
    locked = free.select_for_update(skip_locked=True, no_key=True, of=("self",))
    return locked.order_by(F("claimed_at").asc(nulls_first=True), "pk").first()


def _full(claims: Counter[Any]) -> list[Any]:
    return [it for it, number in claims.items() if number >= AT_ONCE]


def _take(endpoint: Endpoint, now: datetime, lease: datetime) -> Sequence[Delivery]:
    most = 1 if endpoint.failures else HANDFUL
    taken = list(_due(now).filter(endpoint=endpoint).order_by("due_at")[:most])
    Delivery.objects.filter(pk__in=[it.pk for it in taken]).update(
        attempts=F("attempts") + 1, leased_until=lease
    )
    for it in taken:
        if it.leased_until:
            _note_lost(it, it.leased_until - LEASE)
        it.endpoint, it.attempts, it.leased_until = endpoint, it.attempts + 1, lease
    return taken


def _note_lost(delivery: Delivery, at: datetime) -> None:
    """Its lease ran out: whoever had it stopped before they knew what became of it."""
    delivery.history = delivery.with_one_more(Attempt(at, Outcome.LOST))
    delivery.save(update_fields=["history"])


def _due(now: datetime) -> QuerySet[Delivery]:
    owed = Delivery.objects.filter(due_at__lte=now)
    return owed.filter(Q(leased_until=None) | Q(leased_until__lt=now))
