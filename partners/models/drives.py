"""Recruitment drives and their milestones: dates, zones and targets are data, never code."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import connection, models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from partners.models.links import Partner

# What is said of a day must fit into a page, and its hours into a calendar.
YEARS = range(2000, 2200)
MOST_DAYS = 366


def validate_time_zone(name: str) -> None:
    """Tallies are kept per hour of UTC, so a day must begin on a full hour of UTC.

    PostgreSQL cuts the days of the ledger, so it must know the zone, too. "localtime" is whatever
    the clock of a machine shows.
    """
    if name == "localtime" or name not in available_timezones() or not _is_in_postgresql(name):
        raise ValidationError(_("Enter a time zone like America/New_York."))
    for month in (1, 7):
        offset = datetime(2026, month, 1, tzinfo=ZoneInfo(name)).utcoffset() or timedelta()
        if offset % timedelta(hours=1):
            raise ValidationError(_("Choose a time zone whose days begin on a full hour of UTC."))


def _is_in_postgresql(name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_timezone_names WHERE name = %s)", [name])
        return bool(cursor.fetchone()[0])


def validate_year(day: date) -> None:
    if day.year not in YEARS:
        years = {"first": YEARS[0], "last": YEARS[-1]}
        raise ValidationError(
            _("Enter a day between the years %(first)s and %(last)s."), params=years
        )


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return in UTC when this day begins in this zone."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


class DriveQuerySet(models.QuerySet["Drive"]):
    def current(self, at: datetime) -> "Drive":
        """Return the open drive that opened last; a migration opens one that never closes."""
        is_open = Q(opens_at__lte=at) & (Q(closes_at=None) | Q(closes_at__gt=at))
        return self.filter(is_open).latest("opens_at")


class Drive(models.Model):
    """A recruitment drive with its day, and what had been counted before it."""

    class Counts(models.TextChoices):
        SIGNED_UP = "signed_up", _("sign-ups")
        CONFIRMED = "confirmed", _("confirmed sign-ups")

    class Attribution(models.TextChoices):
        LAST = "last", _("the last link before the sign-up")
        FIRST = "first", _("the first link before the sign-up")

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    day_on = models.DateField(_("the day"), validators=[validate_year])
    last_day_on = models.DateField(
        _("the last day"),
        null=True,
        blank=True,
        validators=[validate_year],
        help_text=_("Empty: the drive's day is one day. All its days are counted as one."),
    )
    time_zone = models.CharField(
        _("time zone"), max_length=40, default="America/New_York", validators=[validate_time_zone]
    )
    is_local_day = models.BooleanField(
        _("everyone's own day"),
        default=False,
        db_default=models.Value(value=False),
        help_text=_(
            "The day is counted by the clock of each person's state: 23:30 in California is still"
            " that day. Otherwise everyone's day is the one in the drive's time zone."
        ),
    )
    opens_at = models.DateTimeField(_("opens"), validators=[validate_year])
    closes_at = models.DateTimeField(_("closes"), null=True, blank=True, validators=[validate_year])
    baseline = models.PositiveIntegerField(_("counted before this drive"), default=0)
    baseline_source = models.CharField(_("where that number is from"), max_length=200, blank=True)
    counts = models.CharField(
        _("what counts"), max_length=12, choices=Counts, default=Counts.SIGNED_UP
    )
    attribution = models.CharField(
        _("credit goes to"), max_length=5, choices=Attribution, default=Attribution.LAST
    )
    window_days = models.PositiveSmallIntegerField(_("days a link is remembered"), default=90)

    objects = DriveQuerySet.as_manager()

    class Meta:
        verbose_name = _("drive")
        verbose_name_plural = _("drives")
        permissions = [("recompute_credit", "Can recompute the credit of a drive")]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day_on=None) | Q(last_day_on__gte=F("day_on")),
                name="drive_ends_no_earlier_than_it_begins",
                violation_error_message=_("The last day can't be before the first."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def next_day_on(self) -> date:
        """The day after the drive's day, or after the last of its days."""
        return (self.last_day_on or self.day_on) + timedelta(days=1)

    @property
    def span(self) -> tuple[datetime, datetime]:
        """When the drive's day begins and ends, in UTC: one day, or several."""
        return midnight(self.day_on, self.zone), midnight(self.next_day_on, self.zone)

    def day_at(self, now: datetime) -> date:
        """Return which of the drive's days is on; before and after them the nearest."""
        today = now.astimezone(self.zone).date()
        return min(max(today, self.day_on), self.next_day_on - timedelta(days=1))

    def span_of(self, day: date) -> tuple[datetime, datetime]:
        """Return in UTC when this day begins and ends in the drive's zone: 23 to 25 hours."""
        return midnight(day, self.zone), midnight(day + timedelta(days=1), self.zone)


class Milestone(models.Model):
    """A target on a tally, reached once: with the time, the value and the ledger row.

    From then on it is history: triggers refuse that it is changed or deleted.
    """

    class Scope(models.TextChoices):
        DAY = "day", _("on the day")
        CUMULATIVE = "cumulative", _("in all")

    drive = models.ForeignKey(
        Drive, verbose_name=_("drive"), on_delete=models.CASCADE, related_name="milestones"
    )
    partner = models.ForeignKey(
        Partner,
        verbose_name=_("partner"),
        on_delete=models.CASCADE,
        related_name="milestones",
        null=True,
        blank=True,
    )
    scope = models.CharField(_("scope"), max_length=10, choices=Scope)
    target = models.PositiveIntegerField(_("target"), validators=[MinValueValidator(1)])
    reached_at = models.DateTimeField(_("reached"), null=True, blank=True)
    reached_value = models.PositiveIntegerField(_("value when reached"), null=True, blank=True)
    reached_by = models.ForeignKey(
        "partners.Credit",
        verbose_name=_("reached with"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    announced_at = models.DateTimeField(_("announced"), null=True, blank=True)

    class Meta:
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        constraints = [
            models.UniqueConstraint(
                fields=["drive", "scope", "target"],
                condition=Q(partner=None),
                name="milestone_once_per_drive",
            ),
            models.UniqueConstraint(
                fields=["drive", "partner", "scope", "target"],
                condition=Q(partner__isnull=False),
                name="milestone_once_per_partner",
            ),
            models.CheckConstraint(
                condition=Q(target__gte=1), name="milestone_is_more_than_nothing"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.target:,} {self.get_scope_display()}"
