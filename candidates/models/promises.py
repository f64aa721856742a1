"""What is kept for ever with a sign-up: what the person agreed to, and how they got here."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from candidates.models.candidates import Candidate, Door
from partners.models import Partner, ReferralLink


class ConsentQuerySet(models.QuerySet["Consent"]):
    def shared_with(self, partner: Partner) -> "ConsentQuerySet":
        """Who agreed to be shared with this partner and has not changed their mind.

        Somebody may have typed a stranger's address: nobody is shared before they confirmed it.
        """
        return self.agreed(partner).filter(candidate__confirmed_at__isnull=False)

    def agreed(self, partner: Partner) -> "ConsentQuerySet":
        """A person of two leads agreed once, and may now be another partner's: docs/merging.md."""
        standing = self.filter(partner=partner, purpose=Consent.Purpose.SHARE, withdrawn_at=None)
        return standing.filter(set_aside_at=None)


class Consent(models.Model):
    """What this person agreed to: in which words, when, through which door. Can be withdrawn."""

    class Purpose(models.TextChoices):
        CONTACT = "contact", _("be contacted by us")
        SHARE = "share", _("share with a partner")

    candidate = models.ForeignKey(
        Candidate, verbose_name=_("candidate"), on_delete=models.CASCADE, related_name="consents"
    )
    purpose = models.CharField(_("purpose"), max_length=8, choices=Purpose)
    partner = models.ForeignKey(
        Partner,
        verbose_name=_("partner"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    wording = models.TextField(_("wording"))
    door = models.CharField(_("door"), max_length=8, choices=Door)
    given_at = models.DateTimeField(_("given"))
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    # Nobody took it back, and yet the partner sees the person by another lead, or no longer.
    set_aside_at = models.DateTimeField(_("set aside"), null=True, blank=True, editable=False)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        indexes = [
            # The leads of one partner, newest first; whoever shares with nobody costs it nothing.
            models.Index(
                fields=["partner", "-given_at", "-id"],
                condition=Q(purpose="share", withdrawn_at=None),
                name="consent_shared_now",
            ),
        ]

    def __str__(self) -> str:
        return self.get_purpose_display()


class Touch(models.Model):
    """A visit that became part of a sign-up. A code we don't know is kept raw, to be repaired."""

    candidate = models.ForeignKey(
        Candidate, verbose_name=_("candidate"), on_delete=models.CASCADE, related_name="touches"
    )
    link = models.ForeignKey(
        ReferralLink, verbose_name=_("link"), on_delete=models.PROTECT, null=True, related_name="+"
    )
    raw_code = models.CharField(_("code"), max_length=255)
    sub_source = models.CharField(_("sub-source"), max_length=255, blank=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("touch")
        verbose_name_plural = _("touches")
        indexes = [
            models.Index(fields=["at"], condition=Q(link=None), name="touch_of_unknown_code"),
        ]

    def __str__(self) -> str:
        return self.raw_code
