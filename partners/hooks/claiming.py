"""Which delivery is sent now: of the endpoint that waited longest, and few of one at a time."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from partners.models import Delivery, Endpoint

# Longer than an attempt: the look-up of the name, the conversation, and the record of it.
LEASE = timedelta(seconds=30)
# However slow it is, an endpoint keeps no more threads than this, nor do all of a partner's
# together; one that fails keeps one.
AT_ONCE, AT_ONCE_FAILING = 2, 1


def claim(*, now: datetime) -> Delivery | None:
    """Take one due delivery for LEASE; nobody else is given the same one.

    The endpoint is locked while its deliveries are counted, so no two workers pass its bound.
    """
    with transaction.atomic():
        endpoint = _next_endpoint(now)
        if endpoint is None:
            return None
        Endpoint.objects.filter(pk=endpoint.pk).update(claimed_at=now)
        most = AT_ONCE_FAILING if endpoint.failures else AT_ONCE
        if _under_way(endpoint, now).count() >= most:
            return None
        return _take(endpoint, now)


def _next_endpoint(now: datetime) -> Endpoint | None:
    leased = Delivery.objects.filter(leased_until__gte=now)
    under_way = dict(leased.values_list("endpoint").annotate(Count("pk")))
    full = [pk for pk, number in under_way.items() if number >= AT_ONCE]
    of_partners = leased.exclude(endpoint__partner=None).values("endpoint__partner")
    busy = of_partners.annotate(number=Count("pk")).filter(number__gte=AT_ONCE)
    waiting = Endpoint.objects.live().filter(
        Q(rests_until=None) | Q(rests_until__lte=now),
        Exists(_due(now).filter(endpoint=OuterRef("pk"))),
    )
    free = waiting.exclude(pk__in=full).exclude(pk__in=under_way, failures__gt=0)
    # Without a lock on the partner: two workers may pass this bound at once, by one each.
    free = free.exclude(partner__in=[row["endpoint__partner"] for row in busy])
    locked = free.select_for_update(skip_locked=True, no_key=True, of=("self",))
    return locked.order_by(F("claimed_at").asc(nulls_first=True), "pk").first()


def _take(endpoint: Endpoint, now: datetime) -> Delivery | None:
    delivery = _due(now).filter(endpoint=endpoint).order_by("due_at").first()
    if delivery:
        delivery.endpoint = endpoint
        delivery.attempts += 1
        delivery.leased_until = now + LEASE
        delivery.save(update_fields=["attempts", "leased_until"])
    return delivery


def _due(now: datetime) -> QuerySet[Delivery]:
    owed = Delivery.objects.filter(due_at__lte=now)
    return owed.filter(Q(leased_until=None) | Q(leased_until__lt=now))


def _under_way(endpoint: Endpoint, now: datetime) -> QuerySet[Delivery]:
    return Delivery.objects.filter(endpoint=endpoint, leased_until__gte=now)
