"""Reads what came through each link of a partner: two queries, however many links there are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import Max, Q, Sum

from partners import links
from partners.dashboard.numbers import ChannelRow, Counts, LinkRow
from partners.models import Credit, Drive, Partner, ReferralLink, Tally

FIELD_OF = {
    Credit.Kind.SIGNED_UP: "sign_ups",
    Credit.Kind.CONFIRMED: "confirmed",
    Credit.Kind.CALL_ATTENDED: "calls",
    Credit.Kind.SCREENED: "screened",
    Credit.Kind.FILED: "filed",
    Credit.Kind.ENDORSED: "endorsed",
}


def opening(drive: Drive) -> datetime:
    """Visits belong to no drive: those from the full hour in which it opened are its own."""
    return drive.opens_at.replace(minute=0, second=0, microsecond=0)


def read(
    *, partner: Partner, drive: Drive, today_at: datetime
) -> tuple[tuple[LinkRow, ...], Counts]:
    """Return the links, newest first, and the total: what is credited to no link is in it."""
    credited = _by_link(partner, drive, today_at)
    rows = tuple(
        _link_row(link, *credited.pop(link["id"], (Counts(), Counts())))
        for link in _links_with_visits(partner, drive, today_at)
    )
    without_link = (total for total, _today in credited.values())
    return rows, sum((*(row.counts for row in rows), *without_link), start=Counts())


def _by_link(
    partner: Partner, drive: Drive, today_at: datetime
) -> dict[int | None, tuple[Counts, Counts]]:
    tallies = Tally.objects.filter(drive=drive, partner=partner, kind__in=FIELD_OF)
    by_link = tallies.values_list("link_id", "kind")
    sums = by_link.annotate(Sum("value"), today=Sum("value", filter=Q(hour_at__gte=today_at)))
    found: dict[int | None, tuple[Counts, Counts]] = {}
    for link_id, kind, value, today in sums:
        total_so_far, today_so_far = found.get(link_id, (Counts(), Counts()))
        field = FIELD_OF[kind]
        found[link_id] = (
            replace(total_so_far, **{field: value}),
            replace(today_so_far, **{field: today or 0}),
        )
    return found


def _links_with_visits(
    partner: Partner, drive: Drive, today_at: datetime
) -> Iterable[Mapping[str, Any]]:
    in_drive = Q(visit_tallies__hour_at__gte=opening(drive))
    today = in_drive & Q(visit_tallies__hour_at__gte=today_at)
    own = ReferralLink.objects.filter(partner=partner).order_by("-created_at", "-id")
    return own.values("id", "code", "label", "channel", "channel_name", "switched_off_at").annotate(
        visits=Sum("visit_tallies__unique", filter=in_drive),
        visits_today=Sum("visit_tallies__unique", filter=today),
        last_arrival_at=Max(
            "visit_tallies__hour_at", filter=in_drive & Q(visit_tallies__unique__gt=0)
        ),
    )


def _link_row(link: Mapping[str, Any], total: Counts, today: Counts) -> LinkRow:
    return LinkRow(
        code=link["code"],
        label=link["label"],
        channel=_channel(link),
        address=links.address_of(code=link["code"]),
        is_on=link["switched_off_at"] is None,
        counts=replace(total, visits=link["visits"] or 0),
        today=replace(today, visits=link["visits_today"] or 0),
        last_arrival_at=link["last_arrival_at"],
    )


def _channel(link: Mapping[str, Any]) -> str:
    """Say what a channel of no list was called by who made the link."""
    if link["channel"] == ReferralLink.Channel.OTHER and link["channel_name"]:
        return str(link["channel_name"])
    return str(dict(ReferralLink.Channel.choices).get(link["channel"], link["channel"]))


def by_channel(rows: Sequence[LinkRow]) -> tuple[ChannelRow, ...]:
    """Add up the links of each channel, most sign-ups first; own words count in any case."""
    found: dict[str, ChannelRow] = {}
    for row in rows:
        key = row.channel.casefold()
        so_far = found.get(key, ChannelRow(row.channel, 0, Counts()))
        found[key] = ChannelRow(so_far.name, so_far.links + 1, so_far.counts + row.counts)
    return tuple(
        sorted(found.values(), key=lambda it: (-it.counts.sign_ups, -it.counts.visits, it.name))
    )
