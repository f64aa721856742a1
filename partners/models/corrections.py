"""What was corrected in the ledger, act by act, as anybody may read it: numbers, and no people."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from partners.models.drives import Drive


class Correction(models.Model):
    """One act on the ledger of one drive: what was done, why in a word, and to how many people.

    The lines of the act are those with its `author` and `recorded_at`. Their own reasons stay with
    staff, since somebody may be named in one.
    """

    class Deed(models.TextChoices):
        VOIDED = "voided", _("taken back")
        RESTORED = "restored", _("given back")
        MOVED = "moved", _("credited elsewhere")
        REBASED = "rebased", _("the number from before changed")

    class Cause(models.TextChoices):
        DUPLICATE = "duplicate", _("signed up more than once")
        TEST = "test", _("a test of ours")
        NOBODY = "nobody", _("a joke, or no person at all")
        ASKED = "asked", _("the person asked for it")
        WRONG_LINK = "wrong_link", _("credited to the wrong link")
        MISTAKE = "mistake", _("an earlier correction was wrong")
        RELEASED = "released", _("looked at and found right")
        REPAIRED = "repaired", _("a mistyped link was put right")
        RECOMPUTED = "recomputed", _("credited anew by the rule of the drive")
        BASELINE = "baseline", _("what had been counted before a drive was set right")
        OTHER = "other", _("another reason, kept with the ledger")

    # What the software does by a rule; the others are a colleague's to choose.
    BY_RULE = (Cause.RELEASED, Cause.REPAIRED, Cause.RECOMPUTED, Cause.BASELINE)

    drive = models.ForeignKey(
        Drive, verbose_name=_("drive"), on_delete=models.PROTECT, related_name="corrections"
    )
    recorded_at = models.DateTimeField(_("when it was written"))
    deed = models.CharField(_("what was done"), max_length=8, choices=Deed)
    cause = models.CharField(_("why"), max_length=10, choices=Cause, default=Cause.OTHER)
    people = models.PositiveIntegerField(_("people"))
    change = models.IntegerField(_("change of what the drive counts"))
    # Of what had been counted before: the new number, and where it is from.
    baseline = models.PositiveIntegerField(_("counted before this drive"), null=True)
    source = models.CharField(
        _("where that number is from"), max_length=200, blank=True, db_default=""
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("author"),
        on_delete=models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
    )

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        indexes = [models.Index(fields=["-recorded_at", "-id"], name="correction_newest_first")]

    def __str__(self) -> str:
        return f"{self.get_deed_display()}: {self.people:,}"
