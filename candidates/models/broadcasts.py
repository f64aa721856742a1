"""One e-mail to many, once: counted, looked at, and let go by a second person."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from candidates.models.sequences import Audience, Step


class Broadcast(Audience):
    """Its only step says it; its audience is whom it was counted for and is sent to."""

    step = models.OneToOneField(
        Step, verbose_name=_("step"), on_delete=models.PROTECT, related_name="broadcast"
    )
    timelines = models.JSONField(_("when they would run"), default=list, blank=True)
    signed_up_from = models.DateField(_("signed up from"), null=True, blank=True)
    signed_up_until = models.DateField(_("signed up until"), null=True, blank=True)
    counted = models.PositiveIntegerField(_("people counted"), null=True, blank=True)
    counted_at = models.DateTimeField(_("counted at"), null=True, blank=True)
    drafted_at = models.DateTimeField(_("drafted"))
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("drafted by"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    released_at = models.DateTimeField(_("released"), null=True, blank=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("released by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    paused_at = models.DateTimeField(_("paused"), null=True, blank=True)
    stopped_at = models.DateTimeField(_("stopped"), null=True, blank=True)

    class Meta:
        verbose_name = _("broadcast")
        verbose_name_plural = _("broadcasts")
        constraints = [
            models.CheckConstraint(
                condition=Q(released_by=None) | ~Q(released_by=F("drafted_by")),
                name="broadcast_released_by_a_second_person",
            ),
            models.CheckConstraint(
                condition=Q(released_by=None, released_at=None)
                | Q(released_by__isnull=False, released_at__isnull=False),
                name="broadcast_release_has_time_and_person",
            ),
        ]

    def __str__(self) -> str:
        return str(self.step)
