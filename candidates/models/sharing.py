"""What partners were given of people who agreed to it, and who is no longer among them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from partners.models import Partner
from partners.models.exports import Export


class Tombstone(models.Model):
    """Somebody whom this partner could see withdrew: its next exports say so, without a name.

    It has no foreign key to the candidate, because it must outlive erasure.
    """

    partner = models.ForeignKey(
        Partner, verbose_name=_("partner"), on_delete=models.CASCADE, related_name="+"
    )
    candidate_uuid = models.UUIDField(_("candidate"))
    at = models.DateTimeField(_("withdrawn"))

    class Meta:
        verbose_name = _("tombstone")
        verbose_name_plural = _("tombstones")
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "candidate_uuid"], name="tombstone_once_per_partner"
            ),
        ]
        indexes = [models.Index(fields=["at"], name="tombstone_by_time")]

    def __str__(self) -> str:
        return f"{self.partner_id} {self.at:%Y-%m-%d}"


class LeadExport(Export):
    """The people who agreed to be shared with one partner, as a file. Its content is theirs."""

    class Meta:
        verbose_name = _("export of leads")
        verbose_name_plural = _("exports of leads")
        indexes = [
            models.Index(
                fields=["requested_at"],
                condition=Q(finished_at=None, given_up_at=None),
                name="lead_export_unfinished",
            ),
        ]


class LeadFetch(models.Model):
    """Somebody took a file of leads away: kept for as long as the log of the file itself."""

    export = models.ForeignKey(
        LeadExport, verbose_name=_("export"), on_delete=models.CASCADE, related_name="fetches"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("who"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("fetch of leads")
        verbose_name_plural = _("fetches of leads")

    def __str__(self) -> str:
        return f"{self.user_id} {self.at:%Y-%m-%d %H:%M}"
