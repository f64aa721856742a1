"""Rehearsals of a drive: acts of staff, and how far each has come."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.lookups import IsNull
from django.utils.translation import gettext_lazy as _

from partners.models.drives import Drive


class Rehearsal(models.Model):
    """A day that is tried out on a schema of its own, until somebody purges it.

    A debt with a lease, like all that is owed: `ready_at` once the schema is whole, `purging_at`
    once nobody can get in any more, `purged_at` once nothing of it is left.
    """

    class Step(models.TextChoices):
        WAITING = "waiting", _("waits for a worker")
        TABLES = "tables", _("making the tables")
        COPYING = "copying", _("copying what it begins with")

    drive = models.ForeignKey(
        Drive, verbose_name=_("drive"), on_delete=models.PROTECT, related_name="rehearsals"
    )
    begun_at = models.DateTimeField(_("begun"))
    begun_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("begun by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    step = models.CharField(_("step"), max_length=8, choices=Step, default=Step.WAITING)
    percent = models.PositiveSmallIntegerField(_("done"), default=0)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    leased_until = models.DateTimeField(_("leased until"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=200, blank=True)
    ready_at = models.DateTimeField(_("ready"), null=True, blank=True)
    purging_at = models.DateTimeField(_("purge begun"), null=True, blank=True)
    purged_at = models.DateTimeField(_("purged"), null=True, blank=True)
    purged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("purged by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    people = models.PositiveIntegerField(_("people"), null=True, blank=True)
    mails = models.PositiveIntegerField(_("mails"), null=True, blank=True)
    credits = models.PositiveIntegerField(_("credits"), null=True, blank=True)

    class Meta:
        verbose_name = _("rehearsal")
        verbose_name_plural = _("rehearsals")
        constraints = [
            models.UniqueConstraint(
                IsNull(F("purged_at"), rhs=True),
                condition=Q(purged_at=None),
                name="rehearsal_one_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.drive} {self.begun_at:%Y-%m-%d %H:%M}"
