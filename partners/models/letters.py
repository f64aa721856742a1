"""Mail that we owe to the people of partners, and to staff: a row until it has left."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Letter(models.Model):
    """One mail to one address: claimed under a lease, sent, recorded. `key` keeps it unique.

    The id is its Message-ID. `facts` carries ids and numbers, never what somebody typed.
    """

    class Kind(models.TextChoices):
        INVITATION = "invitation", _("invitation")
        DECLINED = "declined", _("application declined")
        REPAIRED = "repaired", _("a code was repaired")
        DIGEST = "digest", _("weekly digest")
        GOAL = "goal", _("goal reached")
        SECOND_STEP = "second_step", _("second step at log-in")
        MAIL_PAUSED = "mail_paused", _("mail has paused itself")
        HOOK_FAILING = "hook_failing", _("a webhook fails")
        HOOK_OFF = "hook_off", _("a webhook was switched off")
        PASSWORD = "password", _("new password")
        MILESTONE = "milestone", _("milestone reached")
        DRIVE_GOAL = "drive_goal", _("milestone of a drive, to members")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    recipient = models.EmailField(_("to"))
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES)
    facts = models.JSONField(_("facts"), default=dict)
    key = models.CharField(_("key"), max_length=120)
    owed_at = models.DateTimeField(_("owed"))
    leased_until = models.DateTimeField(_("leased until"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    given_up_at = models.DateTimeField(_("given up"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("letter to a partner")
        verbose_name_plural = _("letters to partners")
        constraints = [models.UniqueConstraint(fields=["key"], name="letter_owed_once")]
        indexes = [
            models.Index(
                fields=["owed_at"],
                condition=Q(sent_at=None, given_up_at=None),
                name="letter_still_owed",
            ),
            models.Index(
                fields=["recipient", "owed_at"],
                condition=Q(kind="password"),
                name="letter_password_asked_last",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.owed_at:%Y-%m-%d}"
