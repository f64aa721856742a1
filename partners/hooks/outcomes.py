"""What an answer means for the delivery, and for the endpoint: again later, or never more."""

import secrets
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import QuerySet

from partners.hooks import alarms, patience
from partners.hooks.wire import Answer
from partners.models import Delivery, Endpoint
from partners.models.attempts import Attempt

# Until the next attempt of one delivery: about a day in all, then somebody can replay it.
WAITS = [timedelta(minutes=it) for it in (0.5, 2, 10, 30, 60, 120, 240, 480, 480)]
# Of an endpoint that fails again and again: only its oldest delivery tries it, ever more rarely.
RESTS_FROM = 2
FIRST_REST, LONGEST_REST = timedelta(seconds=30), timedelta(hours=2)
WARN_AT, OFF_AT = (5, 10, 15), 20
JITTER = 20  # percent, so that what failed together does not come back together

State, Outcome = Delivery.State, Delivery.Outcome


def note(*, delivery: Delivery, answer: Answer, now: datetime) -> None:
    """Record an attempt. A claim that was lost meanwhile records nothing.

    What arrived locks nothing, unless the endpoint had failed: it is most of all.
    """
    if answer.outcome == Outcome.ACCEPTED and not delivery.endpoint.failures:
        _note_arrival(delivery, answer, now)
        return
    with transaction.atomic():
        found = Endpoint.objects.select_for_update(no_key=True).filter(pk=delivery.endpoint_id)
        for endpoint in found:  # or somebody deleted it, and its deliveries with it
            _note(endpoint, delivery, answer, now)


def _note_arrival(delivery: Delivery, answer: Answer, now: datetime) -> None:
    """Wait for no disk, which took 4.5 of 5 ms: a database that loses its power within the second
    forgets that it arrived, and it is sent again when its claim has run out, under its id.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
        _settle(delivery, answer, now, State.DELIVERED)


def _note(endpoint: Endpoint, delivery: Delivery, answer: Answer, now: datetime) -> None:
    if answer.outcome == Outcome.ACCEPTED:
        if _settle(delivery, answer, now, State.DELIVERED) and endpoint.failures:
            _change(endpoint, failures=0, failing_since=None, rests_until=None)
    elif answer.outcome == Outcome.GONE:
        if _settle(delivery, answer, now, State.FAILED):
            _turn_off(endpoint, Endpoint.Off.GONE, now)
    elif put_off(delivery=delivery, answer=answer, now=now):
        _blame(endpoint, answer, now)


def put_off(*, delivery: Delivery, answer: Answer, now: datetime) -> bool:
    """Try again later, up to the last of WAITS; False where the claim was lost."""
    if delivery.attempts > len(WAITS):
        return _settle(delivery, answer, now, State.FAILED)
    wait = _about(WAITS[delivery.attempts - 1])
    return _record(delivery, answer, now, due_at=now + max(wait, _asked(answer, now)))


def drop(*, delivery: Delivery, now: datetime) -> None:
    _ours(delivery).update(state=State.DROPPED, due_at=None, leased_until=None, tried_at=now)


def _blame(endpoint: Endpoint, answer: Answer, now: datetime) -> None:
    failures = endpoint.failures + 1
    rest = max(_about(_rest(failures)), _asked(answer, now))
    _change(
        endpoint,
        failures=failures,
        failing_since=endpoint.failing_since or now,
        rests_until=now + rest if rest else None,
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


def _asked(answer: Answer, now: datetime) -> timedelta:
    return patience.asked(retry_after=answer.retry_after, now=now)


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
        "history": delivery.with_one_more(
            Attempt(now, answer.outcome, answer.milliseconds, answer.status, answer.place)
        ),
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
