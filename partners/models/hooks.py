"""Webhooks: where partners and staff want to be told of events, and each telling of one."""

import uuid
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q, Value
from django.utils.translation import gettext_lazy as _

from partners.models import attempts
from partners.models.attempts import Attempt
from partners.models.links import Partner

# Attempts of one delivery: two rounds of them, should somebody send it again.
MOST_KEPT = 20


class Event(models.TextChoices):
    """What an endpoint can be told of; `PING` is the test that somebody asks for."""

    LEAD_CREATED = "lead.created", _("somebody signed up")
    LEAD_CONFIRMED = "lead.confirmed", _("somebody confirmed their address")
    STAGE_CHANGED = "stage.changed", _("a lead came to another stage")
    CONSENT_WITHDRAWN = "consent.withdrawn", _("somebody is shared no longer")
    MILESTONE_REACHED = "milestone.reached", _("a milestone was reached")
    PING = "ping", _("a test")


class EndpointQuerySet(models.QuerySet["Endpoint"]):
    def live(self) -> "EndpointQuerySet":
        return self.filter(switched_off_at=None)


class Endpoint(models.Model):
    """An address that is told of events: of one partner, or of RFS staff (no partner).

    Its secret is reckoned from `salt` (partners.hooks.signing) and stands nowhere.
    """

    class Dialect(models.TextChoices):
        SIGNED = "signed", _("signed JSON")
        CHAT = "chat", _("a line of text, as chats like Slack take it")

    class Off(models.TextChoices):
        BY_HAND = "by_hand", _("by hand")
        FAILING = "failing", _("it failed too often")
        GONE = "gone", _("it said that it is gone (410)")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partner = models.ForeignKey(
        Partner, verbose_name=_("partner"), on_delete=models.CASCADE, null=True, related_name="+"
    )
    address = models.CharField(_("address"), max_length=500)
    dialect = models.CharField(
        _("what is sent"), max_length=6, choices=Dialect, default=Dialect.SIGNED
    )
    kinds = ArrayField(models.CharField(max_length=20, choices=Event), verbose_name=_("told of"))
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES)
    salt = models.UUIDField(default=uuid.uuid4, editable=False)
    old_salt = models.UUIDField(null=True, editable=False)
    rotated_at = models.DateTimeField(_("secret renewed"), null=True, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("made by"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    made_at = models.DateTimeField(_("made"))
    since_at = models.DateTimeField(_("told of events since"))
    names_people_at = models.DateTimeField(_("names people since"), null=True, blank=True)
    switched_off_at = models.DateTimeField(_("switched off"), null=True, blank=True)
    off_because = models.CharField(_("why it is off"), max_length=7, choices=Off, blank=True)
    failures = models.PositiveSmallIntegerField(_("failures in a row"), default=0)
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True)
    rests_until = models.DateTimeField(_("rests until"), null=True, blank=True)
    claimed_at = models.DateTimeField(null=True, editable=False)

    objects = EndpointQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        permissions = [("name_people", "Can let webhooks of staff name people")]

    def __str__(self) -> str:
        return self.shown

    @property
    def shown(self) -> str:
        """Name it without what may be a key: addresses of chats are keys themselves."""
        return f"{urlsplit(self.address).hostname} …{self.address[-4:]}"

    def is_resting(self, *, now: datetime) -> bool:
        return bool(self.rests_until and self.rests_until > now)

    @property
    def kinds_shown(self) -> list[str]:
        return [str(Event(it).label) for it in self.kinds]


class Delivery(models.Model):
    """One event for one endpoint: claimed under a lease, sent, recorded, again until it arrived.

    The id is the event's id as the receiver sees it, the same at every attempt. `source` keeps it
    unique. `subject` names a candidate by UUID or a milestone: what is said of it is read when it
    is sent.
    """

    class State(models.TextChoices):
        DUE = "due", _("due")
        DELIVERED = "delivered", _("delivered")
        FAILED = "failed", _("given up")
        DROPPED = "dropped", _("nothing left to tell")

    Outcome = attempts.Outcome

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    endpoint = models.ForeignKey(
        Endpoint,
        verbose_name=_("webhook"),
        on_delete=models.CASCADE,
        related_name="deliveries",
        db_index=False,
    )
    source = models.CharField(_("source"), max_length=80)
    kind = models.CharField(_("event"), max_length=20, choices=Event)
    subject = models.CharField(_("subject"), max_length=36, blank=True)
    happened_at = models.DateTimeField(_("happened"))
    planned_at = models.DateTimeField(_("planned"))
    # None once nothing is to be sent: by that, a prepared statement finds the index of what is due.
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    leased_until = models.DateTimeField(_("leased until"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.DUE)
    tried_at = models.DateTimeField(_("last tried"), null=True, blank=True)
    status_code = models.PositiveSmallIntegerField(_("last answer"), null=True, blank=True)
    milliseconds = models.PositiveIntegerField(_("took (ms)"), null=True, blank=True)
    outcome = models.CharField(_("what became of it"), max_length=11, choices=Outcome, blank=True)
    # In the row, so that keeping it costs no statement more and forgetting it none at all.
    history = models.JSONField(
        _("attempts"), default=list, db_default=Value([], models.JSONField())
    )

    class Meta:
        verbose_name = _("delivery of a webhook")
        verbose_name_plural = _("deliveries of webhooks")
        constraints = [
            models.UniqueConstraint(
                fields=["endpoint", "source"], name="delivery_once_per_endpoint_and_event"
            ),
        ]
        indexes = [
            models.Index(
                fields=["endpoint", "due_at"],
                condition=Q(due_at__isnull=False),
                name="delivery_due",
            ),
            models.Index(
                fields=["endpoint"],
                condition=Q(leased_until__isnull=False),
                name="delivery_under_way",
            ),
            models.Index(fields=["endpoint", "-planned_at", "-id"], name="delivery_newest_first"),
            BrinIndex(fields=["planned_at"], name="delivery_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.happened_at:%Y-%m-%d %H:%M}"

    def with_one_more(self, attempt: Attempt) -> list[dict[str, Any]]:
        """Return the history with this attempt in it, and without what is too long ago."""
        return [*self.history, attempt.kept()][-MOST_KEPT:]

    @property
    def tried(self) -> list[Attempt]:
        """Every attempt that is kept, the oldest first."""
        return [Attempt.read(it) for it in self.history]


class HookMark(models.Model):
    """Up to when events were looked for; one row, or none where nobody was to be told."""

    swept_at = models.DateTimeField()
    combed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.swept_at:%Y-%m-%d %H:%M:%S}"
