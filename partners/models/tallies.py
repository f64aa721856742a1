"""The running totals folded from the ledger: each can be rebuilt from it at any time."""

from django.db import models
from django.db.models import Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from partners.models.drives import Drive
from partners.models.ledger import Credit
from partners.models.links import Partner, ReferralLink


class Tally(models.Model):
    """A running total: one kind, one drive, one link (none: organic), one hour of UTC.

    Hours of UTC, not days: a day in the drive's zone is a range of them, 25 in autumn.
    """

    drive = models.ForeignKey(
        Drive,
        verbose_name=_("drive"),
        on_delete=models.CASCADE,
        db_index=False,
        related_name="tallies",
    )
    partner = models.ForeignKey(
        Partner,
        verbose_name=_("partner"),
        on_delete=models.CASCADE,
        null=True,
        related_name="tallies",
    )
    link = models.ForeignKey(
        ReferralLink, verbose_name=_("link"), on_delete=models.CASCADE, null=True, related_name="+"
    )
    kind = models.CharField(_("kind"), max_length=13, choices=Credit.Kind)
    hour_at = models.DateTimeField(_("hour"))
    value = models.IntegerField(_("value"), default=0)

    class Meta:
        verbose_name = _("tally")
        verbose_name_plural = _("tallies")
        constraints = [
            models.UniqueConstraint(
                "drive",
                "kind",
                "hour_at",
                Coalesce("link", Value(0, output_field=models.BigIntegerField())),
                name="tally_once_per_hour_and_link",
            ),
        ]
        indexes = [
            # Holds all that a dashboard reads, in one place: a partner's hours lie scattered over
            # the table. bench/README.md says what that brings, and what it costs the fold.
            models.Index(
                fields=["drive", "kind", "partner", "hour_at"],
                include=["link", "value"],
                name="tally_of_partner",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.hour_at:%Y-%m-%d %H}: {self.value}"


class Total(models.Model):
    """All hours of a tally in one: what milestones are compared with, whatever the drive's age."""

    drive = models.ForeignKey(
        Drive,
        verbose_name=_("drive"),
        on_delete=models.CASCADE,
        db_index=False,
        related_name="+",
    )
    partner = models.ForeignKey(
        Partner, verbose_name=_("partner"), on_delete=models.CASCADE, null=True, related_name="+"
    )
    link = models.ForeignKey(
        ReferralLink, verbose_name=_("link"), on_delete=models.CASCADE, null=True, related_name="+"
    )
    kind = models.CharField(_("kind"), max_length=13, choices=Credit.Kind)
    value = models.IntegerField(_("value"), default=0)

    class Meta:
        verbose_name = _("total")
        verbose_name_plural = _("totals")
        constraints = [
            models.UniqueConstraint(
                "drive",
                "kind",
                Coalesce("link", Value(0, output_field=models.BigIntegerField())),
                name="total_once_per_link",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.value}"


class StateTally(models.Model):
    """What one state brought to a drive on one day, of the drive's zone or of the people's own."""

    drive = models.ForeignKey(
        Drive,
        verbose_name=_("drive"),
        on_delete=models.CASCADE,
        db_index=False,
        related_name="+",
    )
    kind = models.CharField(_("kind"), max_length=13, choices=Credit.Kind)
    state = models.CharField(_("state"), max_length=2, blank=True)
    day_on = models.DateField(_("day"))
    value = models.IntegerField(_("value"), default=0)

    class Meta:
        verbose_name = _("tally of a state")
        verbose_name_plural = _("tallies of states")
        constraints = [
            models.UniqueConstraint(
                fields=["drive", "kind", "day_on", "state"], name="state_tally_once_per_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.kind} {self.day_on}: {self.value}"


class MinuteTally(models.Model):
    """What came to a drive in one minute of the real day, through all links together."""

    drive = models.ForeignKey(
        Drive,
        verbose_name=_("drive"),
        on_delete=models.CASCADE,
        db_index=False,
        related_name="+",
    )
    kind = models.CharField(_("kind"), max_length=13, choices=Credit.Kind)
    minute_at = models.DateTimeField(_("minute"))
    value = models.IntegerField(_("value"), default=0)

    class Meta:
        verbose_name = _("tally of a minute")
        verbose_name_plural = _("tallies of minutes")
        constraints = [
            models.UniqueConstraint(
                fields=["drive", "kind", "minute_at"], name="minute_tally_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.minute_at:%Y-%m-%d %H:%M}: {self.value}"


class BreakdownTally(models.Model):
    """How many of a partner's sign-ups come from one state, or want one kind of office.

    `published` follows `value` only when five or more of the partner's people came or went since,
    and is shown in whole fives: no two views differ by one person.
    """

    class Dimension(models.TextChoices):
        STATE = "state", _("state")
        OFFICE = "office", _("office")

    drive = models.ForeignKey(
        Drive, verbose_name=_("drive"), on_delete=models.CASCADE, related_name="+"
    )
    partner = models.ForeignKey(
        Partner, verbose_name=_("partner"), on_delete=models.CASCADE, related_name="+"
    )
    dimension = models.CharField(_("by"), max_length=6, choices=Dimension)
    name = models.CharField(_("name"), max_length=12)
    value = models.IntegerField(_("value"), default=0)
    published = models.IntegerField(_("published"), default=0)

    class Meta:
        verbose_name = _("breakdown")
        verbose_name_plural = _("breakdowns")
        constraints = [
            models.UniqueConstraint(
                fields=["drive", "partner", "dimension", "name"], name="breakdown_once_per_name"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.value}"
