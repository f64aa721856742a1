"""E-mails we owe, and addresses we must never mail again."""

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from candidates.models.candidates import Candidate


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    def due(self, at: datetime) -> "FollowUpQuerySet":
        """What is owed by now and in nobody's hands; a lease that ran out is in nobody's."""
        return self.filter(state__in=FollowUp.OWED, due_at__lte=at).filter(
            Q(leased_until=None) | Q(leased_until__lt=at)
        )


class FollowUp(models.Model):
    """An e-mail we owe one candidate. Its id is the Message-ID, fixed when it is planned."""

    class Step(models.TextChoices):
        CONFIRM = "confirm", _("confirmation")
        CONFIRM_AGAIN = "confirm_again", _("confirmation, asked for again")
        WELCOME = "welcome", _("welcome")

    class State(models.TextChoices):
        DUE = "due", _("due")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        SUPPRESSED = "suppressed", _("suppressed")
        NEEDLESS = "needless", _("no longer needed")

    OWED = (State.DUE, State.SENDING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    candidate = models.ForeignKey(
        Candidate,
        verbose_name=_("candidate"),
        on_delete=models.CASCADE,
        related_name="followups",
        db_index=False,
    )
    step = models.CharField(_("step"), max_length=16, choices=Step)
    due_at = models.DateTimeField(_("due"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DUE)
    leased_until = models.DateTimeField(_("leased until"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    last_error = models.CharField(_("last error"), max_length=120, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        verbose_name = _("follow-up")
        verbose_name_plural = _("follow-ups")
        constraints = [
            models.UniqueConstraint(
                fields=["candidate", "step"], name="followup_once_per_candidate_and_step"
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(state__in=["due", "sending"]), name="followup_owed"
            ),
            models.Index(fields=["due_at"], condition=Q(state="failed"), name="followup_failed"),
        ]

    def __str__(self) -> str:
        return f"{self.step} ({self.state})"


class Suppression(models.Model):
    """An address we must never mail again, kept as a keyed hash that outlives erasure."""

    class Reason(models.TextChoices):
        UNSUBSCRIBED = "unsubscribed", _("unsubscribed")

    digest = models.CharField(_("digest"), max_length=64, unique=True)
    reason = models.CharField(_("reason"), max_length=14, choices=Reason)
    at = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("suppression")
        verbose_name_plural = _("suppressions")

    def __str__(self) -> str:
        return f"{self.reason} {self.at:%Y-%m-%d}"
