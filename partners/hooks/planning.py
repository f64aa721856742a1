"""Looks for events that happened and owes them to the endpoints that want to know.

Nothing is written where they happen: a sign-up costs what it did. An event is looked for by its
time in a window that overlaps the last one, because rows become visible in another order than
their times have; the unique `source` keeps what was found twice from being owed twice.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Min

from partners.models import Endpoint, HookMark
from partners.models.hooks import Event

# Every sweep looks back this far; that is longer than a page may wait for its statement.
OVERLAP = timedelta(seconds=15)
# And now and then so far: longer than any transaction of ours, and than clocks differ.
COMB_EVERY, COMB = timedelta(minutes=5), timedelta(minutes=15)
# Milestones get the time of the line that reached them, however long that waited to be counted.
MILESTONES = timedelta(days=30)

Planner = Callable[[datetime, datetime], int]

# What is owed, for the parts of a statement that say to whom and why. What is owed already is left
# out before an id is made for it, which is what costs; the conflict is for who comes in between.
OWE_TO = """
INSERT INTO partners_delivery (id, endpoint_id, source, kind, subject, happened_at, planned_at,
    due_at, state, attempts, outcome)
SELECT gen_random_uuid(), endpoint.id, {source}, {kind}, {subject}, {at}, %(now)s, %(now)s,
    'due', 0, ''
FROM {rows} JOIN partners_endpoint AS endpoint ON endpoint.switched_off_at IS NULL
    AND {kind} = ANY(endpoint.kinds) AND {at} >= endpoint.since_at
    AND ({to_whom})
WHERE {at} >= %(begin)s AND NOT EXISTS (SELECT FROM partners_delivery AS delivery
    WHERE delivery.endpoint_id = endpoint.id AND delivery.source = {source})
ON CONFLICT (endpoint_id, source) DO NOTHING
"""
OWE = OWE_TO.replace("{to_whom}", "endpoint.partner_id IS NULL OR {is_theirs}")
# Of these there are many. One statement for staff and one for partners, because PostgreSQL compares
# each row with each endpoint where it may be one or the other: with 10,000 endpoints 8 s a sweep.
LEADS = [
    OWE_TO.format(
        rows=f"""partners_credit AS credit JOIN (VALUES ('signed_up', '{Event.LEAD_CREATED}'),
            ('confirmed', '{Event.LEAD_CONFIRMED}')) AS event (kind, name)
            ON event.kind = credit.kind""",
        source="'credit:' || credit.id",
        kind="event.name",
        subject="credit.candidate_uuid::text",
        at="credit.at",
        to_whom=to_whom,
    )
    for to_whom in ("endpoint.partner_id IS NULL", "endpoint.partner_id = credit.partner_id")
]
REACHED = OWE.format(
    rows="partners_milestone AS milestone",
    source="'milestone:' || milestone.id",
    kind=f"'{Event.MILESTONE_REACHED}'",
    subject="milestone.id::text",
    at="milestone.reached_at",
    is_theirs="milestone.partner_id IS NULL OR endpoint.partner_id = milestone.partner_id",
)


def plan(*, planners: Sequence[Planner], now: datetime) -> int:
    """Owe what happened since the last time and return how many are new. Idempotent.

    One at a time: another planner leaves at once. Without an endpoint it is one small query.
    """
    oldest = Endpoint.objects.live().aggregate(Min("since_at"))["since_at__min"]
    if oldest is None:
        return 0
    with transaction.atomic():
        HookMark.objects.bulk_create(
            [HookMark(pk=1, swept_at=oldest, combed_at=oldest)], ignore_conflicts=True
        )
        mark = HookMark.objects.select_for_update(skip_locked=True).filter(pk=1).first()
        if mark is None:
            return 0
        begin = _begin(mark, now)
        planned = sum(planner(begin, now) for planner in planners)
        mark.swept_at = now
        mark.save()
    return planned


def _begin(mark: HookMark, now: datetime) -> datetime:
    if now - mark.combed_at < COMB_EVERY:
        return mark.swept_at - OVERLAP
    begin = mark.combed_at - COMB
    mark.combed_at = now
    return begin


def owe(*, statement: str, begin: datetime, now: datetime) -> int:
    """Run a statement made of OWE and return how many rows are new."""
    with connection.cursor() as cursor:
        cursor.execute(statement, {"begin": begin, "now": now})
        return int(cursor.rowcount)


def _leads(begin: datetime, now: datetime) -> int:
    return sum(owe(statement=it, begin=begin, now=now) for it in LEADS)


def _milestones(_begin: datetime, now: datetime) -> int:
    return owe(statement=REACHED, begin=now - MILESTONES, now=now)


PLANNERS: tuple[Planner, ...] = (_leads, _milestones)
