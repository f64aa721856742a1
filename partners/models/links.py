"""Partners, the links they share, and how often people arrived through them."""

from django.core.validators import validate_slug
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Partner(models.Model):
    """An organisation that recruits."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    website = models.URLField(_("website"), blank=True)
    embed_origins = models.TextField(
        _("sites that may embed the form"),
        blank=True,
        help_text=_("One origin on a line, like https://example.org."),
    )
    joined_ranking_at = models.DateTimeField(
        _("takes part in the ranking since"), null=True, blank=True
    )
    lends_name_at = models.DateTimeField(
        _("lends us its name since"),
        null=True,
        blank=True,
        help_text=_(
            "Only if they agreed: mails in their turn to people who came through this partner then"
            " say that they are from it, via us. Empty: they are from us."
        ),
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("partner")
        verbose_name_plural = _("partners")

    def __str__(self) -> str:
        return self.name


def canonical_code(raw: str) -> str:
    """Return the form codes are stored in: case folded, `_` and `-` equal."""
    return raw.strip().casefold().replace("_", "-")


class ReferralLink(models.Model):
    """A tracked link of one partner. A code is never reused.

    Switching off keeps its history; who comes through it all the same is counted and credited,
    because a poster that still hangs is still the partner's work.
    """

    class Channel(models.TextChoices):
        EMAIL = "email", _("E-mail")
        SMS = "sms", _("Text message")
        INSTAGRAM = "instagram", "Instagram"
        FACEBOOK = "facebook", "Facebook"
        TIKTOK = "tiktok", "TikTok"
        WEBSITE = "website", _("Website")
        PRINT = "print", _("Poster or flyer")
        EVENT = "event", _("Event")
        OTHER = "other", _("Other")

    class Destination(models.TextChoices):
        FORM = "form", _("The sign-up form, in the visitor's language")
        FORM_EN = "form_en", _("The sign-up form in English")
        FORM_ES = "form_es", _("The sign-up form in Spanish")
        LIVE = "live", _("Today's count")

    partner = models.ForeignKey(
        Partner, verbose_name=_("partner"), on_delete=models.PROTECT, related_name="links"
    )
    code = models.CharField(_("code"), max_length=40, unique=True, validators=[validate_slug])
    label = models.CharField(_("label"), max_length=80)
    channel = models.CharField(_("channel"), max_length=12, choices=Channel, default=Channel.OTHER)
    channel_name = models.CharField(_("channel, in own words"), max_length=40, blank=True)
    destination = models.CharField(
        _("where it leads"), max_length=8, choices=Destination, default=Destination.FORM
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    switched_off_at = models.DateTimeField(_("switched off"), null=True, blank=True)

    class Meta:
        verbose_name = _("referral link")
        verbose_name_plural = _("referral links")
        constraints = [
            models.CheckConstraint(
                condition=Q(code=Lower("code")) & ~Q(code__contains="_"),
                name="link_code_is_canonical",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} ({self.code})"

    @property
    def channel_shown(self) -> str:
        return self.channel_name or self.get_channel_display()

    def clean(self) -> None:
        self.code = canonical_code(self.code)


class LinkCode(models.Model):
    """Every code that a link ever had, or that was adopted for it: none is used for another.

    A trigger writes the code of each new or renamed link here, so that no door can go round it.
    """

    # Of the 255 bytes that a touch keeps: folded, two of them can become three characters.
    code = models.CharField(_("code"), max_length=400)
    link = models.ForeignKey(
        ReferralLink, verbose_name=_("link"), on_delete=models.PROTECT, related_name="codes"
    )
    since_at = models.DateTimeField(_("since"), default=timezone.now)

    class Meta:
        verbose_name = _("code of a link")
        verbose_name_plural = _("codes of links")
        constraints = [
            models.UniqueConstraint(fields=["code"], name="link_code_is_never_reused"),
        ]

    def __str__(self) -> str:
        return self.code


class VisitTally(models.Model):
    """Arrivals through one link in one hour. Advisory: a lost second loses visits, never people."""

    link = models.ForeignKey(
        ReferralLink,
        verbose_name=_("link"),
        on_delete=models.CASCADE,
        db_index=False,
        related_name="visit_tallies",
    )
    hour_at = models.DateTimeField(_("hour"))
    raw = models.PositiveIntegerField(_("all requests"), default=0)
    bots = models.PositiveIntegerField(_("bots and previews"), default=0)
    unique = models.PositiveIntegerField(_("people"), default=0)

    class Meta:
        verbose_name = _("visits in an hour")
        verbose_name_plural = _("visits by hour")
        constraints = [
            # Holds the people too: a dashboard reads them without the table.
            models.UniqueConstraint(
                fields=["link", "hour_at"], include=["unique"], name="visit_tally_once_per_hour"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.link_id} {self.hour_at:%Y-%m-%d %H}: {self.unique}"


class BotTally(models.Model):
    """Why the bots of one link and hour were taken for bots."""

    link = models.ForeignKey(
        ReferralLink, verbose_name=_("link"), on_delete=models.CASCADE, related_name="bot_tallies"
    )
    hour_at = models.DateTimeField(_("hour"))
    reason = models.CharField(_("reason"), max_length=16)
    value = models.PositiveIntegerField(_("value"), default=0)

    class Meta:
        verbose_name = _("bots in an hour")
        verbose_name_plural = _("bots by hour")
        constraints = [
            models.UniqueConstraint(
                fields=["link", "hour_at", "reason"], name="bot_tally_once_per_hour_and_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.link_id} {self.reason}: {self.value}"


class VisitLoss(models.Model):
    """Visits of one hour that could not be counted, since Redis was away."""

    hour_at = models.DateTimeField(_("hour"))
    value = models.PositiveIntegerField(_("lost"), default=0)

    class Meta:
        verbose_name = _("visits lost in an hour")
        verbose_name_plural = _("visits lost by hour")
        constraints = [
            models.UniqueConstraint(fields=["hour_at"], name="visit_loss_once_per_hour"),
        ]

    def __str__(self) -> str:
        return f"{self.hour_at:%Y-%m-%d %H}: {self.value}"
