"""E-mails we owe, and addresses we must never mail again."""

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from candidates.models.candidates import Candidate
from candidates.models.sequences import Lane, Step, StepText


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    def due(self, *, lane: Lane, at: datetime) -> "FollowUpQuerySet":
        """What is owed by now and in nobody's hands; a lease that ran out is in nobody's."""
        owed = self.filter(lane=lane, state__in=FollowUp.OWED, due_at__lte=at)
        return owed.filter(Q(leased_until=None) | Q(leased_until__lt=at))

    def in_hand(self, *, mails: "Iterable[FollowUp]") -> "FollowUpQuerySet":
        """Those of them that whoever claimed or began them still holds.

        A worker that was slow or frozen for longer than its lease finds them with another one, or
        sent: what it learned too late changes nothing.
        """
        leases = {it.id: it.leased_until for it in mails}
        still = self.filter(id__in=leases, state__in=FollowUp.OWED)
        return still.filter(leased_until__in=set(leases.values()))


class FollowUp(models.Model):
    """An e-mail we owe one candidate. Its id is the Message-ID, fixed when it is planned.

    The step after it is planned when this one is settled: `anchor_at`, when the sequence began
    for this person, is what the delays of all its steps are counted from.
    """

    class State(models.TextChoices):
        DUE = "due", _("due")
        HELD = "held", _("held back")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        SUPPRESSED = "suppressed", _("suppressed")
        NEEDLESS = "needless", _("no longer needed")

    class Why(models.TextChoices):
        CONFIRMED = "confirmed", _("the address is confirmed")
        UNCONFIRMED = "unconfirmed", _("the address is not confirmed")
        MOVED = "moved", _("the stage moved")
        REPLIED = "replied", _("they replied")
        NOT_MEANT = "not_meant", _("it is for other people")
        SWITCHED_OFF = "switched_off", _("the sequence is switched off")
        PAUSED = "paused", _("the broadcast is paused")
        STOPPED = "stopped", _("the broadcast was stopped")
        REMOVED = "removed", _("the step was removed")
        MERGED = "merged", _("they are another lead, who goes on")
        REHEARSAL = "rehearsal", _("a rehearsal mails nobody without an account")

    OWED = (State.DUE, State.SENDING)
    UNSENT = (*OWED, State.HELD)
    SET_ASIDE = (State.HELD, State.SUPPRESSED, State.NEEDLESS)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    candidate = models.ForeignKey(
        Candidate,
        verbose_name=_("candidate"),
        on_delete=models.CASCADE,
        related_name="followups",
        db_index=False,
    )
    step = models.ForeignKey(
        Step,
        verbose_name=_("step"),
        on_delete=models.PROTECT,
        db_index=False,
        related_name="followups",
    )
    lane = models.PositiveSmallIntegerField(_("lane"), choices=Lane)
    anchor_at = models.DateTimeField(_("when the sequence began"))
    due_at = models.DateTimeField(_("due"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DUE)
    why = models.CharField(_("why"), max_length=12, choices=Why, blank=True)
    leased_until = models.DateTimeField(_("leased until"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    last_error = models.CharField(_("last error"), max_length=120, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    text = models.ForeignKey(
        StepText,
        verbose_name=_("text"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
    )

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
                fields=["lane", "due_at"],
                condition=Q(state__in=["due", "sending"]),
                name="followup_owed",
            ),
            models.Index(fields=["due_at"], condition=Q(state="failed"), name="followup_failed"),
            models.Index(
                fields=["due_at", "state"],
                condition=Q(state__in=["held", "suppressed", "needless"]),
                name="followup_set_aside",
            ),
            # Of what somebody waits for, none: a sign-up pays for no index but the two above.
            models.Index(
                fields=["step", "state"], condition=Q(lane=Lane.BULK), name="followup_bulk_by_step"
            ),
            # Nearly empty: what a sequence that is switched off, or a paused broadcast, keeps back.
            models.Index(fields=["step"], condition=Q(state="held"), name="followup_held_by_step"),
            models.Index(
                fields=["text"], condition=Q(sent_at__isnull=False), name="followup_sent_by_text"
            ),
            models.Index(
                fields=["sent_at"], condition=Q(sent_at__isnull=False), name="followup_by_sent"
            ),
            # The last in bulk, behind any number that was sent since in the other lane.
            models.Index(
                fields=["sent_at"],
                condition=Q(lane=Lane.BULK, sent_at__isnull=False),
                name="followup_bulk_by_sent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step} ({self.get_state_display()})"


class Suppression(models.Model):
    """An address we must never mail again, kept as a keyed hash that outlives erasure."""

    class Reason(models.TextChoices):
        UNSUBSCRIBED = "unsubscribed", _("unsubscribed")
        HARD_BOUNCE = "hard_bounce", _("bounced for good")
        SOFT_BOUNCES = "soft_bounces", _("bounced three times in a week")
        COMPLAINT = "complaint", _("called spam by the reader")
        BY_STAFF = "by_staff", _("stopped by a colleague")
        MERGED = "merged", _("said no under their other address")

    digest = models.CharField(_("digest"), max_length=64, unique=True)
    reason = models.CharField(_("reason"), max_length=14, choices=Reason)
    at = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("suppression")
        verbose_name_plural = _("suppressions")

    def __str__(self) -> str:
        return f"{self.reason} {self.at:%Y-%m-%d}"
