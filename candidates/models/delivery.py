"""What happens to mail on its way: what providers tell of it, and whether it may leave now."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from candidates.models.followups import FollowUp
from candidates.models.sequences import Lane


class MailEvent(models.Model):
    """What a provider, a mail server or a reader told us of one mail: each told once."""

    class Kind(models.TextChoices):
        DELIVERED = "delivered", _("delivered")
        DEFERRED = "deferred", _("on hold at the reader's provider")
        SOFT_BOUNCE = "soft_bounce", _("bounced, for now")
        HARD_BOUNCE = "hard_bounce", _("bounced for good")
        COMPLAINT = "complaint", _("called spam by the reader")
        UNSUBSCRIBED = "unsubscribed", _("unsubscribed")
        REPLIED = "replied", _("answered by the reader")
        REJECTED = "rejected", _("not taken by our provider")

    HELD_AGAINST_US = (Kind.SOFT_BOUNCE, Kind.HARD_BOUNCE, Kind.COMPLAINT)

    followup = models.ForeignKey(
        FollowUp, verbose_name=_("follow-up"), on_delete=models.CASCADE, related_name="events"
    )
    provider = models.CharField(_("told by"), max_length=20)
    event_id = models.CharField(_("their name for it"), max_length=160)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    at = models.DateTimeField(_("at"))
    recorded_at = models.DateTimeField(_("when it was written"))
    detail = models.CharField(_("detail"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("mail event")
        verbose_name_plural = _("mail events")
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "event_id"], name="mail_event_told_once_by_a_provider"
            ),
        ]
        indexes = [
            models.Index(
                fields=["at"],
                condition=models.Q(kind__in=["soft_bounce", "hard_bounce", "complaint"]),
                name="mail_event_held_against_us",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d %H:%M}"


class MailPause(models.Model):
    """Nothing leaves in this lane until a colleague lets it."""

    class Reason(models.TextChoices):
        BY_STAFF = "by_staff", _("paused by a colleague")
        BOUNCES = "bounces", _("too many addresses bounce")
        COMPLAINTS = "complaints", _("too many readers call it spam")
        RESTORED = "restored", _("the database was restored from a backup")

    lane = models.PositiveSmallIntegerField(_("lane"), choices=Lane, unique=True)
    reason = models.CharField(_("why"), max_length=10, choices=Reason)
    since = models.DateTimeField(_("since"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )

    class Meta:
        verbose_name = _("pause of mail")
        verbose_name_plural = _("pauses of mail")

    def __str__(self) -> str:
        return f"{self.get_lane_display()}: {self.get_reason_display()}"


class MailGround(models.Model):
    """The one row by which a restored database knows that it is older than what was sent.

    `place` names the server and the database; `mark` only grows, and Redis keeps a copy of it.
    """

    place = models.CharField(_("place"), max_length=80)
    mark = models.BigIntegerField(_("mark"), default=0)

    class Meta:
        verbose_name = _("ground of mail")
        verbose_name_plural = _("grounds of mail")
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="mail_ground_is_one_row"),
        ]

    def __str__(self) -> str:
        return self.place
