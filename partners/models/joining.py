"""How an organisation becomes a partner, and a person its member."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from partners.models.accounts import Member
from partners.models.links import Partner


class Application(models.Model):
    """An organisation that asks to become a partner; staff approve or decline."""

    organisation = models.CharField(_("organisation"), max_length=120)
    contact_name = models.CharField(_("your name"), max_length=120)
    contact_email = models.EmailField(_("your e-mail"))
    website = models.URLField(_("website"))
    expected_sign_ups = models.PositiveIntegerField(_("expected sign-ups"))
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES)
    agreed_wording = models.TextField(_("agreement"))
    applied_at = models.DateTimeField(_("applied"))
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("decided by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    partner = models.OneToOneField(
        Partner,
        verbose_name=_("became partner"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="application",
    )

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "contact_email"],
                condition=Q(decided_at=None),
                name="application_once_while_undecided",
            ),
        ]
        indexes = [
            models.Index(
                fields=["applied_at"], condition=Q(decided_at=None), name="application_undecided"
            ),
        ]

    def __str__(self) -> str:
        return self.organisation


class Invitation(models.Model):
    """An address that may become a member; the link in the letter is the only key to it."""

    VALID_FOR = timedelta(days=14)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partner = models.ForeignKey(
        Partner, verbose_name=_("partner"), on_delete=models.CASCADE, related_name="invitations"
    )
    email = models.EmailField(_("e-mail"))
    role = models.CharField(_("role"), max_length=10, choices=Member.Role)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("invited by"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    invited_at = models.DateTimeField(_("invited"))
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "email"],
                condition=Q(accepted_at=None, withdrawn_at=None),
                name="invitation_once_while_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} ({self.partner})"

    def is_open(self, *, now: datetime) -> bool:
        is_settled = self.accepted_at or self.withdrawn_at
        return not is_settled and now < self.invited_at + self.VALID_FOR


class StaffLook(models.Model):
    """RFS staff looked at a partner's pages as the partner sees them."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("who"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    partner = models.ForeignKey(
        Partner, verbose_name=_("partner"), on_delete=models.CASCADE, related_name="+"
    )
    page = models.CharField(_("page"), max_length=60)
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("look of staff")
        verbose_name_plural = _("looks of staff")

    def __str__(self) -> str:
        return f"{self.user_id} {self.page}"
