"""Prospective candidates: one row per real person."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Collate, Lower
from django.utils.translation import gettext_lazy as _


class Office(models.TextChoices):
    """What kind of office somebody thinks of."""

    SCHOOL_BOARD = "school_board", _("School board")
    COUNCIL = "council", _("City or town council")
    COUNTY = "county", _("County office")
    ELECTIONS = "elections", _("Election official")
    LEGISLATURE = "legislature", _("State legislature")
    JUSTICE = "justice", _("Judge or prosecutor")
    OTHER = "other", _("Another office")
    NOT_SURE = "not_sure", _("Not sure yet")


class Timeline(models.TextChoices):
    """When somebody thinks of running."""

    THIS_CYCLE = "this_cycle", _("This election cycle")
    NEXT_YEAR = "next_year", _("Next year")
    LATER = "later", _("Later than that")
    EXPLORING = "exploring", _("Just exploring")


class Stage(models.TextChoices):
    """Where the lead stands in triage."""

    RAISED_HAND = "raised_hand", _("Raised hand")
    INTRO_CALL = "intro_call", _("Introduction call")
    ONE_TO_ONE = "one_to_one", _("One-to-one call")
    RESOURCES = "resources", _("Resources and mentors")
    FILED = "filed", _("Filed")
    APPLIED = "applied", _("Endorsement application")
    ENDORSED = "endorsed", _("Endorsed")
    NOT_THIS_TIME = "not_this_time", _("Not this time")


class Door(models.TextChoices):
    """Which door a sign-up came through."""

    FORM = "form", _("sign-up form")


class Candidate(models.Model):
    """A prospective candidate, unique by canonical e-mail and by phone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    first_name = models.CharField(_("first name"), max_length=80)
    last_name = models.CharField(_("last name"), max_length=80)
    email = models.EmailField(_("e-mail"))
    email_canonical = models.CharField(_("canonical e-mail"), max_length=254, editable=False)
    phone = models.CharField(_("mobile phone"), max_length=16, null=True, blank=True)  # noqa: DJ001 - unique where known
    zip_code = models.CharField(_("ZIP code"), max_length=5)
    state = models.CharField(_("state"), max_length=2)
    office = models.CharField(_("office"), max_length=12, choices=Office)
    timeline = models.CharField(_("when"), max_length=10, choices=Timeline)
    motivation = models.TextField(_("what would you change first?"), max_length=1000, blank=True)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES)
    door = models.CharField(_("door"), max_length=8, choices=Door, default=Door.FORM)
    signed_up_at = models.DateTimeField(_("signed up"))
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    stage = models.CharField(_("stage"), max_length=14, choices=Stage, default=Stage.RAISED_HAND)
    stage_moved_at = models.DateTimeField(_("stage moved"), null=True, blank=True)
    replied_at = models.DateTimeField(_("last replied"), null=True, blank=True)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("assigned to"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="assigned_candidates",
    )
    # The same person, who signed up with another address: that row goes on, this one is kept.
    merged_into = models.ForeignKey(
        "self",
        verbose_name=_("the same person as"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        db_index=False,
        related_name="merged",
    )

    class Meta:
        verbose_name = _("candidate")
        verbose_name_plural = _("candidates")
        constraints = [
            # The pattern classes let the index that keeps people apart also find them by a prefix,
            # whatever the collation of the database: no second index, nothing more per sign-up.
            models.UniqueConstraint(
                fields=["email_canonical"],
                opclasses=["varchar_pattern_ops"],
                name="candidate_unique_by_email",
            ),
            models.UniqueConstraint(
                fields=["phone"],
                opclasses=["varchar_pattern_ops"],
                name="candidate_unique_by_phone",
            ),
        ]
        indexes = [
            models.Index(fields=["-signed_up_at", "-id"], name="candidate_newest_first"),
            models.Index(fields=["stage", "-signed_up_at"], name="candidate_newest_in_stage"),
            # Holds the few who were merged, so it costs a sign-up nothing.
            models.Index(
                fields=["merged_into"],
                condition=Q(merged_into__isnull=False),
                name="candidate_merged",
            ),
            models.Index(
                Collate(Lower("last_name"), "C"),
                Collate(Lower("first_name"), "C"),
                name="candidate_by_name",
            ),
            models.Index(Collate(Lower("first_name"), "C"), name="candidate_by_first_name"),
            models.Index(
                fields=["zip_code"], opclasses=["varchar_pattern_ops"], name="candidate_by_zip_code"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}"


class Resubmission(models.Model):
    """What somebody typed when signing up again: kept beside the first answers, never over them.

    Whoever types a known address has not shown that it is theirs, so staff decide what to take.
    """

    candidate = models.ForeignKey(
        Candidate,
        verbose_name=_("candidate"),
        on_delete=models.CASCADE,
        related_name="resubmissions",
    )
    answers = models.JSONField(_("answers"))
    digest = models.CharField(_("digest"), max_length=64, editable=False)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("resubmission")
        verbose_name_plural = _("resubmissions")
        constraints = [
            models.UniqueConstraint(
                fields=["candidate", "digest"], name="resubmission_once_per_answers"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.candidate_id} {self.at:%Y-%m-%d %H:%M}"


class PhoneConflict(models.Model):
    """A phone number typed by one candidate that belongs to another: staff settle it."""

    candidate = models.ForeignKey(
        Candidate,
        verbose_name=_("candidate"),
        on_delete=models.CASCADE,
        related_name="phone_conflicts",
    )
    held_by = models.ForeignKey(
        Candidate, verbose_name=_("held by"), on_delete=models.CASCADE, related_name="+"
    )
    phone = models.CharField(_("mobile phone"), max_length=16)
    noticed_at = models.DateTimeField(_("noticed"))
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)

    class Meta:
        verbose_name = _("phone conflict")
        verbose_name_plural = _("phone conflicts")
        indexes = [
            models.Index(
                fields=["noticed_at"], condition=Q(settled_at=None), name="phone_conflict_unsettled"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.candidate_id} / {self.held_by_id}"
