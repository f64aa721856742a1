"""The append-only ledger of credits, and those that were withheld."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from partners.models.drives import Drive
from partners.models.links import Partner, ReferralLink


class CreditQuerySet(models.QuerySet["Credit"]):
    def uncounted(self) -> "CreditQuerySet":
        return self.filter(counted_at=None)

    def uncounted_since(self) -> datetime | None:
        """Return when the oldest of them was written, if any waits.

        One look into the index of what is not yet counted: empty, but for the last second.
        """
        oldest = self.uncounted().order_by("id").values_list("recorded_at", flat=True)
        return oldest.first()

    def of_candidate(self, candidate_uuid: UUID) -> "CreditQuerySet":
        """Say it as two conditions, because each is what one partial index holds."""
        is_correction = Q(kind__in=["voided", "reassigned"])
        of_them = Q(candidate_uuid=candidate_uuid)
        return self.filter((of_them & ~is_correction) | (of_them & is_correction))


class Credit(models.Model):
    """One line of the ledger. A trigger refuses every change but the stamp `counted_at`.

    `kind` says what happened, `counts_as` which running total it moves: a voided sign-up is
    kind=voided, counts_as=signed_up, amount=-1, with the `at` of the line that it takes back.
    """

    class Kind(models.TextChoices):
        SIGNED_UP = "signed_up", _("signed up")
        CONFIRMED = "confirmed", _("confirmed")
        CALL_ATTENDED = "call_attended", _("attended a call")
        SCREENED = "screened", _("screened")
        FILED = "filed", _("filed")
        ENDORSED = "endorsed", _("endorsed")
        VOIDED = "voided", _("voided")
        REASSIGNED = "reassigned", _("reassigned")

    CORRECTIONS = (Kind.VOIDED, Kind.REASSIGNED)
    # Why a line is taken back that never counted: nobody corrected anything, so nobody is told.
    SIGN_UP_IS_VOIDED, COUNTED_ALREADY = "the sign-up is voided", "counted already"
    NEVER_COUNTED = (SIGN_UP_IS_VOIDED, COUNTED_ALREADY)

    candidate_uuid = models.UUIDField(_("candidate"))
    drive = models.ForeignKey(
        Drive, verbose_name=_("drive"), on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    link = models.ForeignKey(
        ReferralLink,
        verbose_name=_("link"),
        on_delete=models.PROTECT,
        null=True,
        related_name="credits",
    )
    partner = models.ForeignKey(
        Partner,
        verbose_name=_("partner"),
        on_delete=models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
    )
    kind = models.CharField(_("what happened"), max_length=13, choices=Kind)
    counts_as = models.CharField(_("counts as"), max_length=13, choices=Kind)
    amount = models.SmallIntegerField(_("amount"), default=1)
    at = models.DateTimeField(_("when it happened"))
    recorded_at = models.DateTimeField(_("when it was written"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    # What the breakdowns of a partner are folded from: a state and a kind of office, no person.
    state = models.CharField(_("state"), max_length=2, blank=True, db_default="")
    office = models.CharField(_("office"), max_length=12, blank=True, db_default="")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("author"),
        on_delete=models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
    )
    counted_at = models.DateTimeField(_("counted"), null=True)

    objects = CreditQuerySet.as_manager()

    class Meta:
        verbose_name = _("credit")
        verbose_name_plural = _("credits")
        constraints = [
            models.UniqueConstraint(
                fields=["candidate_uuid", "kind"],
                condition=~Q(kind__in=["voided", "reassigned"]),
                name="credit_once_per_candidate_and_kind",
            ),
            models.CheckConstraint(condition=Q(amount__in=[-1, 1]), name="credit_is_plus_or_minus"),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(counted_at=None), name="credit_uncounted"),
            # Holds corrections only, so it costs a sign-up nothing; the unique index has the rest.
            models.Index(
                fields=["candidate_uuid"],
                condition=Q(kind__in=["voided", "reassigned"]),
                name="credit_corrections",
            ),
            # Corrections only as well: a partner is told why its count changed.
            models.Index(
                fields=["partner", "-recorded_at"],
                condition=Q(kind__in=["voided", "reassigned"]),
                name="credit_corrections_of_partner",
            ),
            # Lines come in the order of time, so a block range index finds a day's for
            # next to nothing: no cost per sign-up.
            BrinIndex(fields=["at"], autosummarize=True, name="credit_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.amount:+d} {self.kind}"


class Hold(models.Model):
    """A credit that no partner gets until staff have looked: the person counts all the same."""

    class Suspicion(models.TextChoices):
        SELF_REFERRAL = "self_referral", _("a member's own sign-up")
        DISPOSABLE = "disposable", _("disposable e-mail address")
        BURST = "burst", _("too many at once")

    class Outcome(models.TextChoices):
        RELEASED = "released", _("credited")
        REFUSED = "refused", _("not credited")

    candidate_uuid = models.UUIDField(_("candidate"))
    drive = models.ForeignKey(
        Drive, verbose_name=_("drive"), on_delete=models.PROTECT, related_name="+"
    )
    link = models.ForeignKey(
        ReferralLink, verbose_name=_("link"), on_delete=models.PROTECT, related_name="holds"
    )
    suspicion = models.CharField(_("why"), max_length=13, choices=Suspicion)
    held_at = models.DateTimeField(_("held"))
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("settled by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome, blank=True)

    class Meta:
        verbose_name = _("held credit")
        verbose_name_plural = _("held credits")
        constraints = [
            models.UniqueConstraint(fields=["candidate_uuid"], name="hold_once_per_candidate"),
        ]
        indexes = [
            models.Index(fields=["held_at"], condition=Q(settled_at=None), name="hold_unsettled"),
        ]

    def __str__(self) -> str:
        return self.get_suspicion_display()
