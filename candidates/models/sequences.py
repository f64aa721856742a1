"""Sequences of e-mails as staff set them up: for whom, when, and in which words."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from candidates.models.candidates import Stage


class Lane(models.IntegerChoices):
    """What somebody waits for travels apart from what may take its time."""

    URGENT = 0, _("at once")
    BULK = 1, _("in its turn")


class Audience(models.Model):
    """Whom something is for. Each list names who is meant; an empty one means everybody."""

    stages = models.JSONField(_("stages"), default=list, blank=True)
    offices = models.JSONField(_("offices"), default=list, blank=True)
    states = models.JSONField(_("states"), default=list, blank=True)
    languages = models.JSONField(_("languages"), default=list, blank=True)
    # Ids of partners: the one that the sign-up is credited to.
    partners = models.JSONField(_("partners"), default=list, blank=True)

    class Meta:
        abstract = True


class Sequence(Audience):
    """A series of e-mails that begins with something that happens to a candidate."""

    class Trigger(models.TextChoices):
        SIGNED_UP = "signed_up", _("signed up")
        CONFIRMED = "confirmed", _("confirmed the address")
        STAGE_REACHED = "stage_reached", _("reached a stage")
        BY_HAND = "by_hand", _("sent by hand, once")

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    trigger = models.CharField(_("begins when somebody"), max_length=13, choices=Trigger)
    trigger_stage = models.CharField(_("which stage"), max_length=14, choices=Stage, blank=True)
    is_for_unconfirmed = models.BooleanField(_("asks for the confirmation"), default=False)
    ends_on_move = models.BooleanField(_("ends when the stage moves"), default=False)
    ends_on_reply = models.BooleanField(_("ends when they reply"), default=False)
    reply_to = models.EmailField(_("replies go to"), blank=True)
    switched_on_at = models.DateTimeField(_("switched on"), null=True, blank=True)

    class Meta:
        verbose_name = _("sequence")
        verbose_name_plural = _("sequences")
        constraints = [
            models.CheckConstraint(
                condition=Q(trigger="stage_reached") ^ Q(trigger_stage=""),
                name="sequence_names_the_stage_it_waits_for",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Step(Audience):
    """One e-mail of a sequence. Never deleted, since what was sent points to it: removed."""

    sequence = models.ForeignKey(
        Sequence, verbose_name=_("sequence"), on_delete=models.PROTECT, related_name="steps"
    )
    number = models.PositiveSmallIntegerField(_("number"))
    name = models.CharField(_("name"), max_length=120)
    delay = models.DurationField(_("how long after the beginning"))
    # Hours where the reader lives, by the ZIP code; none: at any hour.
    polite_from = models.PositiveSmallIntegerField(_("not before (hour)"), null=True, blank=True)
    polite_until = models.PositiveSmallIntegerField(_("not after (hour)"), null=True, blank=True)
    lane = models.PositiveSmallIntegerField(_("leaves"), choices=Lane, default=Lane.BULK)
    added_at = models.DateTimeField(_("added"))
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True)

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        constraints = [
            models.UniqueConstraint(
                fields=["sequence", "number"],
                condition=Q(removed_at=None),
                name="step_once_per_place",
            ),
            models.CheckConstraint(
                condition=Q(polite_from=None, polite_until=None)
                | Q(polite_from__lt=F("polite_until"), polite_until__lte=24),
                name="step_polite_hours_are_a_span",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sequence}: {self.name}"


class StepText(models.Model):
    """What a step says, in one language, for one partner or for all: one version of it.

    Never changed: new words are a new version, so that what was sent is what is shown. A version
    without words withdraws those before it: from then on the reader gets what they would without.
    """

    step = models.ForeignKey(
        Step, verbose_name=_("step"), on_delete=models.PROTECT, related_name="texts"
    )
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES)
    partner = models.ForeignKey(
        "partners.Partner",
        verbose_name=_("for those who came through"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    version = models.PositiveIntegerField(_("version"))
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"))
    is_withdrawal = models.BooleanField(_("withdraws the words before it"), default=False)
    written_at = models.DateTimeField(_("written"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("author"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )

    class Meta:
        verbose_name = _("text")
        verbose_name_plural = _("texts")
        constraints = [
            models.UniqueConstraint(
                "step",
                "language",
                Coalesce("partner", Value(0, output_field=models.BigIntegerField())),
                "version",
                name="text_once_per_version",
            ),
            models.CheckConstraint(
                condition=Q(is_withdrawal=False) | Q(subject="", body=""),
                name="text_that_withdraws_says_nothing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step} ({self.language}, {self.version})"
