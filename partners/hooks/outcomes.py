"""What an answer means for the delivery, and for the endpoint: again later, or never more."""

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from partners.hooks import alarms
from partners.hooks.wire import Answer
from partners.models import Delivery, Endpoint

# Until the next attempt of one delivery: about a day in all, then somebody can replay it.
WAITS = [timedelta(minutes=it) for it in (0.5, 2, 10, 30, 60, 120, 240, 480, 480)]
# Of an endpoint that fails again and again: only its oldest delivery tries it, ever more rarely.
RESTS_FROM = 2
FIRST_REST, LONGEST_REST = timedelta(seconds=30), timedelta(hours=2)
WARN_AT, OFF_AT = (5, 10, 15), 20
JITTER = 20  # percent, so that what failed together does not come back together

State, Outcome = Delivery.State, Delivery.Outcome


def note(*, delivery: Delivery, answer: Answer, now: datetime) -> None:
    """Record an attempt. A claim that was lost meanwhile records nothing."""
    with transaction.atomic():
        endpoint = Endpoint.objects.select_for_update(no_key=True).get(pk=delivery.endpoint_id)
        if answer.outcome == Outcome.ACCEPTED:
            if _settle(delivery, answer, now, State.DELIVERED) and endpoint.failures:
                _change(endpoint, failures=0, failing_since=None, rests_until=None)
        elif answer.outcome == Outcome.GONE:
            if _settle(delivery, answer, now, State.FAILED):
                _turn_off(endpoint, Endpoint.Off.GONE, now)
        elif put_off(delivery=delivery, answer=answer, now=now):
            _blame(endpoint, now)


def put_off(*, delivery: Delivery, answer: Answer, now: datetime) -> bool:
    """Try again later, up to the last of WAITS; False where the claim was lost."""
    if delivery.attempts > len(WAITS):
        return _settle(delivery, answer, now, State.FAILED)
    due_at = now + _about(WAITS[delivery.attempts - 1])
    return _record(delivery, answer, now, due_at=due_at)


def drop(*, delivery: Delivery, now: datetime) -> None:
    _ours(delivery).update(state=State.DROPPED, due_at=None, leased_until=None, tried_at=now)


def _blame(endpoint: Endpoint, now: datetime) -> None:
    failures = endpoint.failures + 1
    since = endpoint.failing_since or now
    rest = _rest(failures)
    _change(
        endpoint,
        failures=failures,
        failing_since=since,
        rests_until=now + _about(rest) if rest else None,
    )
    if failures >= OFF_AT:
        _turn_off(endpoint, Endpoint.Off.FAILING, now)
    elif failures in WARN_AT:
        alarms.warn(endpoint=endpoint, now=now)


def _turn_off(endpoint: Endpoint, why: Endpoint.Off, now: datetime) -> None:
    if endpoint.switched_off_at is None:
        _change(endpoint, switched_off_at=now, off_because=why)
        alarms.tell_off(endpoint=endpoint, now=now)


def _rest(failures: int) -> timedelta:
    if failures < RESTS_FROM:
        return timedelta()
    doubled: int = 2 ** (failures - RESTS_FROM)
    return min(FIRST_REST * doubled, LONGEST_REST)


def _about(wait: timedelta) -> timedelta:
    return wait * (100 - JITTER + secrets.randbelow(2 * JITTER + 1)) / 100


def _settle(delivery: Delivery, answer: Answer, now: datetime, state: Delivery.State) -> bool:
    return _record(delivery, answer, now, state=state, due_at=None)


def _record(delivery: Delivery, answer: Answer, now: datetime, **changes: object) -> bool:
    values = {
        "leased_until": None,
        "tried_at": now,
        "status_code": answer.status,
        "milliseconds": answer.milliseconds,
        "outcome": answer.outcome,
    }
    return bool(_ours(delivery).update(**values, **changes))


def _ours(delivery: Delivery) -> QuerySet[Delivery]:
    """Every claim has its own lease."""
    return Delivery.objects.filter(
        pk=delivery.pk, state=State.DUE, leased_until=delivery.leased_until
    )


def _change(endpoint: Endpoint, **values: object) -> None:
    Endpoint.objects.filter(pk=endpoint.pk).update(**values)
    for name, value in values.items():
        setattr(endpoint, name, value)
