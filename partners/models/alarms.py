"""What was found when the sums were held against the ledger."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from partners.models.drives import Drive
from partners.models.ledger import Credit
from partners.models.links import Partner, ReferralLink


class RecountQuerySet(models.QuerySet["Recount"]):
    def alarms(self) -> "RecountQuerySet":
        return self.filter(drifted__gt=0, seen_at=None)


class Recount(models.Model):
    """One look at the sums beside the ledger: number by number, or each kind of sum as a whole.

    What had drifted is an alarm until it is seen. The newest tells that somebody looks at all.
    """

    is_whole = models.BooleanField(_("number by number"), default=True)
    looked_at = models.DateTimeField(_("when"))
    seconds = models.FloatField(_("seconds"))
    drifted = models.PositiveIntegerField(_("had drifted"))
    seen_at = models.DateTimeField(_("looked into"), null=True)
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
    )

    objects = RecountQuerySet.as_manager()

    class Meta:
        verbose_name = _("recount")
        verbose_name_plural = _("recounts")
        indexes = [
            models.Index(fields=["looked_at"], name="recount_newest"),
            models.Index(
                fields=["looked_at"],
                condition=Q(drifted__gt=0, seen_at=None),
                name="recount_alarm",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.looked_at:%Y-%m-%d %H:%M}"


class Drifted(models.Model):
    """One number that had drifted: what it told, and what the ledger counts; it was repaired."""

    class Sums(models.TextChoices):
        TALLY = "tally", _("hour of a link")
        TOTAL = "total", _("link in all")
        STATE = "state", _("day of a state")
        BREAKDOWN = "breakdown", _("breakdown of a partner")
        MINUTE = "minute", _("minute")

    recount = models.ForeignKey(
        Recount, verbose_name=_("recount"), on_delete=models.CASCADE, related_name="rows"
    )
    sums = models.CharField(_("what it is"), max_length=9, choices=Sums)
    drive = models.ForeignKey(
        Drive, verbose_name=_("drive"), on_delete=models.CASCADE, db_index=False, related_name="+"
    )
    partner = models.ForeignKey(
        Partner,
        verbose_name=_("partner"),
        on_delete=models.CASCADE,
        null=True,
        db_index=False,
        related_name="+",
    )
    link = models.ForeignKey(
        ReferralLink,
        verbose_name=_("link"),
        on_delete=models.CASCADE,
        null=True,
        db_index=False,
        related_name="+",
    )
    kind = models.CharField(_("kind"), max_length=13, choices=Credit.Kind)
    place = models.CharField(_("of"), max_length=40, blank=True)
    told = models.IntegerField(_("it said"))
    counted = models.IntegerField(_("the ledger says"))

    class Meta:
        verbose_name = _("number that had drifted")
        verbose_name_plural = _("numbers that had drifted")

    def __str__(self) -> str:
        return f"{self.sums} {self.place}: {self.told} -> {self.counted}"
