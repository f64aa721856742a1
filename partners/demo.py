"""The demo's partners, their links, and its drive: all invented, and obviously so."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.text import slugify

from partners.models import Drive, Member, Milestone, Partner, ReferralLink, User, VisitTally

PASSWORD = "demo-only-raise-your-hand"  # noqa: S105 - printed for everyone who runs the demo
STAFF, ORGANISER = "staff@example.org", "organiser@example.org"
COLLEAGUES = {"desk.one@example.org": "Desk One (demo)", "desk.two@example.org": "Desk Two (demo)"}

NAMES = """
Example Teachers Alliance · Sample Nurses Network · Imaginary Farmers Union · Pretend Parents Club
Example Students Vote · Sample Veterans Who Serve · Imaginary Librarians League
Pretend Neighbors Assembly · Example Bus Riders United · Sample Small Towns Project
Imaginary Rivers Trust · Pretend Builders Guild · Example Young Engineers
Sample Public Defenders Circle · Imaginary Clean Air Coalition · Pretend Housing Forum
Example Rural Broadband Society · Sample School Bands Boosters · Imaginary Night Shift Workers
Pretend First Generation Fund · Example Caregivers Council · Sample Cyclists Committee
Imaginary Poll Workers Corps · Pretend Community Gardeners · Example Civic Coders
Sample Grandparents in Action · Imaginary Local News Friends · Pretend Fishers Federation
Example Muralists Collective · Sample Science Advisers · Imaginary Immigrant Entrepreneurs
Pretend Tenants Together · Example Firefighters Families · Sample Parks and Trails Group
Imaginary Healthy Schools Lab · Pretend Social Workers Bloc · Example Disability Advocates
Sample Campus Organizers · Imaginary Open Government Desk · Pretend Main Street Merchants
Example Organization for Everyone Who Has Never Been Asked to Run
"""
PARTNER_NAMES = [name.strip() for line in NAMES.split("\n") for name in line.split("·") if line]
CHANNELS = (
    ("ig", "instagram", "Instagram bio"),
    ("mail", "email", "Newsletter"),
    ("flyer", "print", "Flyer with QR code"),
    ("sms", "sms", "Text to members"),
)
DAY_TARGETS, CUMULATIVE_TARGETS = (500, 1_000, 2_000), (15_000,)
BASELINE = 12_985
DRIVE_NAME = "National Run for Office Day"
SOURCE = "Invented for the demo, after the day of 2017: just under 13,000 before it"
ZONE, FAR_FROM_MIDNIGHT = "America/New_York", "Pacific/Honolulu"
DAYS_BEFORE = 6


def load_partners() -> list[Partner]:
    """Make the partners, their links and their people; what is there already stays as it is."""
    partners = [_partner(number, name) for number, name in enumerate(PARTNER_NAMES)]
    _member(ORGANISER, "Olu Organiser (demo)", partners[0])
    return partners


def load_staff() -> list[User]:
    """Make the staff of the demo; only the first can log in."""
    _user(STAFF, "Sam Staff (demo)", password=PASSWORD, is_staff=True, is_superuser=True)
    for email, name in COLLEAGUES.items():
        _user(email, name, is_staff=True)
    return list(User.objects.filter(email__in=[STAFF, *COLLEAGUES]).order_by("id"))


def _user(email: str, name: str, *, password: str | None = None, **rights: bool) -> User:
    found = User.objects.filter(email=email).first()
    return found or User.objects.create_user(email, password, full_name=name, **rights)


def _member(email: str, name: str, partner: Partner) -> None:
    user = _user(email, name, password=PASSWORD)
    Member.objects.get_or_create(user=user, partner=partner, defaults={"role": Member.Role.MANAGER})


def _partner(number: int, name: str) -> Partner:
    slug = slugify(name)[:60]
    partner, is_new = Partner.objects.get_or_create(
        slug=slug, defaults={"name": name, "website": f"https://{slug[:40]}.example.org/"}
    )
    if is_new:
        short = slug.split("-", 1)[1][:30].strip("-")
        ReferralLink.objects.bulk_create(
            ReferralLink(partner=partner, code=f"{short}-{end}", channel=channel, label=label)
            for end, channel, label in CHANNELS[: 1 + (number * 7 + 3) % 4]
        )
    return partner


def zone_of(now: datetime) -> str:
    """Return a zone in which the day neither ends nor began within half an hour."""
    half_an_hour = timedelta(minutes=30)
    there = now.astimezone(ZoneInfo(ZONE))
    near = (there - half_an_hour).date() != (there + half_an_hour).date()
    return FAR_FROM_MIDNIGHT if near else ZONE


def open_drive(*, slug: str, opens_at: datetime, baseline: int, now: datetime) -> Drive:
    """Open a drive whose day is today, with its milestones and a goal for each partner.

    Every third partner, the organiser's among them, takes part in the ranking.
    """
    zone = zone_of(now)
    drive, is_new = Drive.objects.get_or_create(
        slug=slug,
        defaults={
            "name": DRIVE_NAME,
            "day_on": now.astimezone(ZoneInfo(zone)).date(),
            "time_zone": zone,
            "opens_at": opens_at,
            "baseline": baseline,
            "baseline_source": SOURCE,
        },
    )
    if is_new:
        Milestone.objects.bulk_create(_milestones(drive))
        compared = Partner.objects.filter(name__in=PARTNER_NAMES[::3], joined_ranking_at=None)
        compared.update(joined_ranking_at=opens_at)
    return drive


def _milestones(drive: Drive) -> Iterator[Milestone]:
    for target in DAY_TARGETS:
        yield Milestone(drive=drive, scope=Milestone.Scope.DAY, target=target)
    for target in CUMULATIVE_TARGETS:
        yield Milestone(drive=drive, scope=Milestone.Scope.CUMULATIVE, target=target)
    for number, partner in enumerate(Partner.objects.filter(name__in=PARTNER_NAMES).order_by("id")):
        scope = Milestone.Scope.CUMULATIVE
        yield Milestone(drive=drive, partner=partner, scope=scope, target=max(25, 150 - 5 * number))


def load_visits(*, until: datetime) -> None:
    """Count invented arrivals in the hours of the days before and of today, through every link."""
    if VisitTally.objects.exists():
        return
    chance = random.Random(2017)  # noqa: S311 - invents a demo
    this_hour = until.replace(minute=0, second=0, microsecond=0)
    hours = [this_hour - timedelta(hours=back) for back in range(1, DAYS_BEFORE * 24, 3)]
    VisitTally.objects.bulk_create(
        _visits(link, hour, chance)
        for link in ReferralLink.objects.order_by("id")
        for hour in hours
        if _is_awake(hour)
    )


def _is_awake(hour: datetime) -> bool:
    return time(7) <= hour.astimezone(ZoneInfo(ZONE)).time() <= time(22)


def _visits(link: ReferralLink, hour: datetime, chance: random.Random) -> VisitTally:
    people, again, bots = chance.randint(0, 3), chance.randint(0, 1), chance.randint(0, 2)
    return VisitTally(
        link=link,
        hour_at=hour.astimezone(UTC),
        raw=people + again + bots,
        bots=bots,
        unique=people,
    )
