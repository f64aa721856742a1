"""The ways that all mail takes, whoever it is for."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class MailRoute(models.Model):
    """How much may leave by one way now, for all workers: our provider, or a reader's domain.

    A token bucket (`tokens` as of `refilled_at`) and a breaker (`failures` in a row).
    """

    key = models.CharField(_("way"), max_length=260, unique=True)
    tokens = models.FloatField(_("mails that may leave"), default=0)
    refilled_at = models.DateTimeField(_("as of"))
    failures = models.PositiveSmallIntegerField(_("failures in a row"), default=0)
    rests_until = models.DateTimeField(_("rests until"), null=True, blank=True)

    class Meta:
        verbose_name = _("way of mail")
        verbose_name_plural = _("ways of mail")

    def __str__(self) -> str:
        return self.key
