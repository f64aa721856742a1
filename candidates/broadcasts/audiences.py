"""Whom a broadcast is for: those who were named, and of them those who want to hear from us."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import zip_longest
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Count as Number
from django.db.models import Exists, OuterRef, Q, QuerySet

from candidates import privacy
from candidates.models import Broadcast, Candidate, Consent
from partners import credits, drives
from partners.models import Drive

DAY = timedelta(days=1)
# No page waits long for one statement, and no process keeps a million addresses.
AT_ONCE = 20_000
CONFIRMED = Q(confirmed_at__isnull=False)


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom it is for. Each list names who is meant; an empty one means everybody."""

    stages: list[str] = field(default_factory=list)
    offices: list[str] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    partners: list[int] = field(default_factory=list)
    timelines: list[str] = field(default_factory=list)
    signed_up_from: date | None = None
    signed_up_until: date | None = None

    @classmethod
    def of(cls, broadcast: Broadcast) -> "Audience":
        return cls(**{it.name: getattr(broadcast, it.name) for it in fields(cls)})

    def columns(self) -> dict[str, Any]:
        return asdict(self)


class Count(NamedTuple):
    """How many would get it, and how many of those named are left out, and why."""

    people: int
    unconfirmed: int
    withdrawn: int
    suppressed: int


def named(*, broadcast: Broadcast, now: datetime) -> QuerySet[Candidate]:
    """Return everybody whom the audience names, whatever they said of mails since.

    Days are those of the current drive, both of them included.
    """
    zone = _zone(now)
    first, last = broadcast.signed_up_from, broadcast.signed_up_until
    terms = {
        "stage__in": broadcast.stages,
        "office__in": broadcast.offices,
        "state__in": broadcast.states,
        "language__in": broadcast.languages,
        "timeline__in": broadcast.timelines,
        "signed_up_at__gte": first and datetime.combine(first, time.min, zone),
        "signed_up_at__lt": last and datetime.combine(last + DAY, time.min, zone),
    }
    people = Candidate.objects.filter(**{it: terms[it] for it in terms if terms[it]})
    people = people.filter(merged_into=None)
    if broadcast.partners:
        credited = credits.credited_to(partner_ids=broadcast.partners)
        people = people.filter(id__in=credited)
    return people


def willing(*, broadcast: Broadcast, now: datetime) -> QuerySet[Candidate]:
    """Return those of them who confirmed and let us write to them."""
    return named(broadcast=broadcast, now=now).filter(CONFIRMED, Exists(_may_contact()))


def _may_contact() -> QuerySet[Consent]:
    return Consent.objects.filter(
        candidate=OuterRef("pk"), purpose=Consent.Purpose.CONTACT, withdrawn_at=None
    )


def slices(*, people: QuerySet[Candidate], number: int) -> Iterator[QuerySet[Candidate]]:
    """Cut some `number` people into parts of AT_ONCE: their ids lie evenly, whoever they are."""
    parts = number // AT_ONCE + 1
    bounds = [UUID(int=part * 2**128 // parts) for part in range(parts)]
    for first, last in zip_longest(bounds, bounds[1:]):
        some = people.filter(id__gte=first)
        yield some.filter(id__lt=last) if last else some


def barred(*, people: QuerySet[Candidate]) -> list[UUID]:
    """Return which of them must never be mailed again.

    Their addresses are hashed here and not in SQL, so that the key never comes near the database
    or its logs.
    """
    return privacy.barred(people=people.values_list("id", "email_canonical"))


def counted(*, broadcast: Broadcast, now: datetime) -> Count:
    """Count who would get it now, and who is left out: each under the first reason that holds."""
    people = named(broadcast=broadcast, now=now)
    confirmed, agreed = CONFIRMED, CONFIRMED & Q(Exists(_may_contact()))
    sums = people.aggregate(
        named=Number("pk"),
        confirmed=Number("pk", filter=confirmed),
        agreed=Number("pk", filter=agreed),
    )
    parts = slices(people=willing(broadcast=broadcast, now=now), number=sums["agreed"])
    suppressed = sum(len(barred(people=some)) for some in parts)
    return Count(
        people=sums["agreed"] - suppressed,
        unconfirmed=sums["named"] - sums["confirmed"],
        withdrawn=sums["confirmed"] - sums["agreed"],
        suppressed=suppressed,
    )


def _zone(now: datetime) -> tzinfo:
    try:
        return drives.current(now=now).zone
    except Drive.DoesNotExist:  # then nobody has signed up either
        return UTC
