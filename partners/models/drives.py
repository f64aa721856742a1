"""Recruitment drives and their milestones: dates, zones and targets are data, never code."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from partners.models.links import Partner


def validate_time_zone(name: str) -> None:
    """Tallies are kept per hour of UTC, so a day must begin on a full hour of UTC."""
    if name not in available_timezones():
        raise ValidationError(_("Enter a time zone like America/New_York."))
    for month in (1, 7):
        offset = datetime(2026, month, 1, tzinfo=ZoneInfo(name)).utcoffset() or timedelta()
        if offset % timedelta(hours=1):
            raise ValidationError(_("Choose a time zone whose days begin on a full hour of UTC."))


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
    day_on = models.DateField(_("the day"))
    time_zone = models.CharField(
        _("time zone"), max_length=40, default="America/New_York", validators=[validate_time_zone]
    )
    opens_at = models.DateTimeField(_("opens"))
    closes_at = models.DateTimeField(_("closes"), null=True, blank=True)
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

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def span_of(self, day: date) -> tuple[datetime, datetime]:
        """Return in UTC when this day begins and ends in the drive's zone: 23 to 25 hours."""
        return self._midnight(day), self._midnight(day + timedelta(days=1))

    def _midnight(self, day: date) -> datetime:
        return datetime(day.year, day.month, day.day, tzinfo=self.zone).astimezone(UTC)


class Milestone(models.Model):
    """A target on a tally, reached once: with the time, the value and the ledger row."""

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
    target = models.PositiveIntegerField(_("target"))
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
        ]

    def __str__(self) -> str:
        return f"{self.target:,} {self.get_scope_display()}"
