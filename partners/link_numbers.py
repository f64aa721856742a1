"""Reads what the pages of links show of them: two sums, with one link or with a hundred."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Sum

from partners import bots
from partners.models import BotTally, Credit, Drive, Partner, ReferralLink, Tally, VisitTally


@dataclass(frozen=True, slots=True)
class Row:
    """A link in the list."""

    link: ReferralLink
    visits: int
    sign_ups: int


@dataclass(frozen=True, slots=True)
class Numbers:
    """One link in this drive: who came, and what came that was no person, and why."""

    visits: int
    sign_ups: int
    requests: int
    bots: int
    reasons: Sequence[tuple[Any, int]]


def of_partner(*, partner: Partner, drive: Drive) -> list[Row]:
    """Return the partner's links, those in use first, the newest first."""
    visits = VisitTally.objects.filter(link__partner=partner, hour_at__gte=_opening(drive))
    people = dict(visits.values_list("link_id").annotate(Sum("unique")))
    signed_up = Tally.objects.filter(partner=partner, drive=drive, kind=Credit.Kind.SIGNED_UP)
    sign_ups = dict(signed_up.values_list("link_id").annotate(Sum("value")))
    rows = [
        Row(link, people.get(link.id, 0), sign_ups.get(link.id, 0))
        for link in partner.links.order_by("-created_at", "-id")
    ]
    return sorted(rows, key=lambda row: row.link.switched_off_at is not None)


def of_link(*, link: ReferralLink, drive: Drive) -> Numbers:
    opening = _opening(drive)
    visits = VisitTally.objects.filter(link=link, hour_at__gte=opening)
    sums = visits.aggregate(visits=Sum("unique"), requests=Sum("raw"), bots=Sum("bots"))
    signed_up = Tally.objects.filter(link=link, drive=drive, kind=Credit.Kind.SIGNED_UP)
    found = BotTally.objects.filter(link=link, hour_at__gte=opening)
    reasons = found.values_list("reason").annotate(times=Sum("value")).order_by("-times", "reason")
    return Numbers(
        sign_ups=signed_up.aggregate(Sum("value"))["value__sum"] or 0,
        reasons=[(bots.REASONS.get(why, why), number) for why, number in reasons],
        **{name: number or 0 for name, number in sums.items()},
    )


def _opening(drive: Drive) -> datetime:
    """Visits belong to no drive: those from the full hour in which it opened are its own."""
    return drive.opens_at.replace(minute=0, second=0, microsecond=0)
