"""Files that members asked for: made behind the page, logged with their author, gone in a week."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from partners.models.links import Partner


class Export(models.Model):
    """One file that a member asked for. The row stays as the log when its content is gone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partner = models.ForeignKey(
        Partner, verbose_name=_("partner"), on_delete=models.CASCADE, related_name="+"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("author"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES)
    requested_at = models.DateTimeField(_("requested"))
    leased_until = models.DateTimeField(_("leased until"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    done = models.PositiveIntegerField(_("rows written"), default=0)
    total = models.PositiveIntegerField(_("rows in all"), null=True, blank=True)
    content = models.BinaryField(_("content"), null=True, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    given_up_at = models.DateTimeField(_("given up"), null=True, blank=True)
    expires_at = models.DateTimeField(_("expires"))
    fetched_at = models.DateTimeField(_("last fetched"), null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.requested_at:%Y-%m-%d %H:%M}"


class NumbersExport(Export):
    """The hours of one partner's links, as its dashboard counts them."""

    class Meta:
        verbose_name = _("export of numbers")
        verbose_name_plural = _("exports of numbers")
        indexes = [
            models.Index(
                fields=["requested_at"],
                condition=Q(finished_at=None, given_up_at=None),
                name="numbers_export_unfinished",
            ),
        ]
