"""How much may leave by one way now: our provider's, and that of each reader's domain.

A token bucket and a breaker for each, in PostgreSQL, shared by all workers. They are asked once for
a batch and told of failures; a mail that leaves costs them nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import F

from partners.models import MailRoute

PROVIDER = "provider"
BURST_SECONDS, SMALLEST_BURST = 2.0, 5.0
# Of a bucket, what only urgent mail may take: a confirmation finds some.
KEPT_BACK = 0.2
FIRST_REST = timedelta(seconds=15)
LONGEST_REST, LONGEST_REST_OF_DOMAIN = timedelta(minutes=1), timedelta(minutes=10)
# The one mail that tries whether a way is open again: as long as a lease, should its worker die.
TRIAL = timedelta(minutes=1)

# Locked in one order, so that two workers never wait for each other.
TAKE = """
WITH asked AS (
    SELECT * FROM unnest(%(keys)s::text[], %(counts)s::int[], %(rates)s::float8[],
        %(bursts)s::float8[]) AS asked (key, count, rate, burst)
), found AS (
    SELECT asked.*, route.id, route.failures, route.rests_until, least(burst, route.tokens + rate
        * greatest(0, extract(epoch FROM %(now)s::timestamptz - route.refilled_at))) AS level
    FROM asked JOIN partners_mailroute AS route ON route.key = asked.key
    ORDER BY route.key FOR UPDATE OF route
), granted AS (
    SELECT *, CASE WHEN rests_until > %(now)s THEN 0
        WHEN rests_until IS NOT NULL THEN 1
        WHEN rate = 0 THEN count
        ELSE greatest(0, least(count, floor(level - burst * %(kept_back)s)))::int END AS number
    FROM found
), taken AS (
    UPDATE partners_mailroute AS route SET tokens = level - number,
        refilled_at = greatest(route.refilled_at, %(now)s),
        rests_until = CASE WHEN granted.rests_until <= %(now)s THEN %(tried_until)s
            ELSE granted.rests_until END
    FROM granted WHERE route.id = granted.id AND (rate > 0 OR granted.rests_until <= %(now)s)
)
SELECT key, number, rests_until, failures FROM granted
"""

# While it rests, only its trial counts: what was on its way when it opened tells nothing new.
FAIL = """
INSERT INTO partners_mailroute AS route (key, tokens, refilled_at, failures, rests_until)
VALUES (%(key)s, %(tokens)s, %(now)s, 1, CASE WHEN %(most)s <= 1 THEN %(now)s + %(first)s END)
ON CONFLICT (key) DO UPDATE SET
    failures = least(route.failures + 1, 1000),
    rests_until = CASE WHEN route.failures + 1 >= %(most)s THEN %(now)s + least(%(longest)s,
        %(first)s * 2 ^ least(20, route.failures + 1 - %(most)s)) END
WHERE %(is_trial)s OR route.rests_until IS NULL OR route.rests_until <= %(now)s
RETURNING rests_until
"""


@dataclass(slots=True)
class Grant:
    """How many mails may leave by a way now, and what is known of it."""

    number: int
    rests_until: datetime | None
    failures: int

    @property
    def is_trial(self) -> bool:
        return bool(self.rests_until and self.number)


def of_domain(email: str) -> str:
    return f"domain:{email.rpartition('@')[2]}"


def rate(key: str) -> float:
    """Return how many mails a second may go this way; 0: any number."""
    if key == PROVIDER:
        return settings.MAIL_RATE_PER_SECOND
    return settings.MAIL_DOMAIN_RATES.get(key.removeprefix("domain:"), 0.0)


def is_resting(*, key: str, now: datetime) -> bool:
    return MailRoute.objects.filter(key=key, rests_until__gt=now).exists()


def take(*, counts: Mapping[str, int], is_urgent: bool, now: datetime) -> dict[str, Grant]:
    """Take for a batch, in one statement; a way that is not in the answer is open to all of it."""
    kept_back = 0.0 if is_urgent else KEPT_BACK
    grants = _take(counts, kept_back, now)
    new = [key for key in counts if rate(key) and key not in grants]
    if not new:
        return grants
    full = [MailRoute(key=key, tokens=_burst(key), refilled_at=now) for key in new]
    MailRoute.objects.bulk_create(full, ignore_conflicts=True)
    return grants | _take({key: counts[key] for key in new}, kept_back, now)


def give_back(*, key: str, number: int) -> None:
    MailRoute.objects.filter(key=key).update(tokens=F("tokens") + number)


def note_failure(*, key: str, most: int, is_trial: bool, now: datetime) -> bool:
    """Count a failure, the `most`th of which in a row closes this way; say whether it is closed."""
    longest = LONGEST_REST if key == PROVIDER else LONGEST_REST_OF_DOMAIN
    words: dict[str, Any] = {"key": key, "tokens": _burst(key), "first": FIRST_REST}
    words |= {"longest": longest, "most": most, "is_trial": is_trial, "now": now}
    with connection.cursor() as cursor:
        cursor.execute(FAIL, words)
        row = cursor.fetchone()
    return row is None or row[0] is not None


def note_success(*, key: str) -> None:
    MailRoute.objects.filter(key=key).update(failures=0, rests_until=None)


def _burst(key: str) -> float:
    return max(SMALLEST_BURST, BURST_SECONDS * rate(key))


def _take(counts: Mapping[str, int], kept_back: float, now: datetime) -> dict[str, Grant]:
    words: dict[str, Any] = {
        "keys": list(counts),
        "counts": list(counts.values()),
        "rates": [rate(key) for key in counts],
        "bursts": [_burst(key) for key in counts],
        "kept_back": kept_back,
        "now": now,
        "tried_until": now + TRIAL,
    }
    with connection.cursor() as cursor:
        cursor.execute(TAKE, words)
        return {key: Grant(*rest) for key, *rest in cursor.fetchall()}
