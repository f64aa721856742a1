"""What staff did with a lead: who, what, when."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from candidates.models.candidates import Candidate, Stage


class TriageAction(models.Model):
    """One thing a colleague did with one lead; never edited."""

    class Kind(models.TextChoices):
        MOVED = "moved", _("moved")
        ASSIGNED = "assigned", _("assigned")
        NOTED = "noted", _("noted")
        UNSHARED = "unshared", _("no longer shared")

    candidate = models.ForeignKey(
        Candidate, verbose_name=_("candidate"), on_delete=models.CASCADE, related_name="actions"
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    at = models.DateTimeField(_("at"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("author"),
        on_delete=models.PROTECT,
        related_name="triage_actions",
    )
    from_stage = models.CharField(_("from"), max_length=14, choices=Stage, blank=True)
    to_stage = models.CharField(_("to"), max_length=14, choices=Stage, blank=True)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("assigned to"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    text = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("triage action")
        verbose_name_plural = _("triage actions")
        indexes = [
            models.Index(fields=["at"], condition=Q(kind="moved"), name="triage_move_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d}"
