"""The file of numbers: every hour of every link of one partner, as its tallies have them."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Max, Min, Sum
from django.utils import translation
from django.utils.translation import gettext as _

from partners import drives
from partners.exports.cells import Sheet
from partners.exports.working import Clock, advance, finish
from partners.models import Credit, NumbersExport, Partner, ReferralLink, Tally, VisitTally
from recruit import utc

STEP = timedelta(days=7)
# Corrections move these; they are no totals of their own.
KINDS = [it for it in Credit.Kind if it not in Credit.CORRECTIONS]

Place = tuple[datetime, int | None]


def make(export: NumbersExport, clock: Clock) -> None:
    """Write a week at a time. Raises LostClaim."""
    sheet = Sheet()
    partner, zone = export.partner, drives.current(now=clock()).zone
    links = {it.pk: it for it in ReferralLink.objects.filter(partner=partner)}
    weeks = list(_weeks(partner))
    with translation.override(export.language):
        sheet.add(_header(zone))
        for done, (begin, end) in enumerate(weeks):
            advance(export=export, done=done, total=len(weeks), now=clock())
            for (hour_at, link_id), counts in _hours(partner, begin, end):
                sheet.add(_cells(hour_at, zone, links.get(link_id or 0), counts))
    advance(export=export, done=len(weeks), total=len(weeks), now=clock())
    finish(export=export, content=sheet.close(), now=clock())


def _weeks(partner: Partner) -> Iterator[tuple[datetime, datetime]]:
    tallies = Tally.objects.filter(partner=partner).aggregate(a=Min("hour_at"), z=Max("hour_at"))
    visits = VisitTally.objects.filter(link__partner=partner).aggregate(
        a=Min("hour_at"), z=Max("hour_at")
    )
    known = [it for it in (*tallies.values(), *visits.values()) if it]
    at, end = min(known, default=None), max(known, default=None)
    while at is not None and end is not None and at <= end:
        yield at, min(at + STEP, end + utc.HOUR)
        at += STEP


def _hours(
    partner: Partner, begin: datetime, end: datetime
) -> Iterator[tuple[Place, dict[str, int]]]:
    found: defaultdict[Place, dict[str, int]] = defaultdict(dict)
    span = {"hour_at__gte": begin, "hour_at__lt": end}
    tallies = Tally.objects.filter(partner=partner, **span).order_by()
    for hour_at, link_id, kind, value in tallies.values_list("hour_at", "link_id", "kind").annotate(
        Sum("value")
    ):
        found[hour_at, link_id][kind] = value
    visits = VisitTally.objects.filter(link__partner=partner, **span)
    for visit in visits.values("hour_at", "link_id", "unique", "bots"):
        found[visit["hour_at"], visit["link_id"]] |= {
            "visits": visit["unique"],
            "bots": visit["bots"],
        }
    yield from sorted(found.items(), key=lambda it: (it[0][0], it[0][1] or 0))


def _header(zone: ZoneInfo) -> list[str]:
    place = zone.key.rpartition("/")[2].replace("_", " ")
    return [
        _("Hour in %(place)s") % {"place": place},
        _("Hour in UTC"),
        _("Link"),
        _("Code"),
        _("Channel"),
        _("Visits"),
        _("Bots and previews"),
        *(str(kind.label) for kind in KINDS),
    ]


def _cells(
    hour_at: datetime, zone: ZoneInfo, link: ReferralLink | None, counts: dict[str, int]
) -> list[object]:
    return [
        hour_at.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
        hour_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M"),
        link.label if link else _("without a link"),
        link.code if link else "",
        (link.channel_name or link.get_channel_display()) if link else "",
        counts.get("visits", 0),
        counts.get("bots", 0),
        *(counts.get(kind, 0) for kind in KINDS),
    ]
