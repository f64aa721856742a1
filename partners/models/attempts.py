"""Attempts to deliver to a webhook: what is kept of each, and nothing of what was said."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class Outcome(models.TextChoices):
    ACCEPTED = "accepted", _("taken")
    STATUS = "status", _("answered with an error")
    REDIRECT = "redirect", _("wanted to lead us elsewhere, where we don't go")
    GONE = "gone", _("said that it is gone")
    TOO_SLOW = "too_slow", _("took too long")
    CUT = "cut", _("hung up without an answer")
    UNREACHABLE = "unreachable", _("could not be reached")
    BAD_TLS = "bad_tls", _("has no valid certificate")
    NO_NAME = "no_name", _("its name is not known")
    REFUSED = "refused", _("is not on the public internet")
    OURS = "ours", _("we could not write it; we were told")
    LOST = "lost", _("our worker stopped before it knew; perhaps it arrived")


class Place(models.TextChoices):
    """Of what kind an address is that is not of the public internet."""

    MACHINE = "machine", _("it leads to the machine itself")
    PRIVATE = "private", _("it leads into a private network")
    LINK = "link", _("it leads to the machine's own neighbourhood")
    CARRIES = "carries", _("it carries another address in itself")
    SPECIAL = "special", _("it is reserved, for many at once or for documentation")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt. Kept with its delivery, and forgotten with it."""

    at: datetime
    outcome: Outcome
    milliseconds: int = 0
    status_code: int | None = None
    place: Place | None = None

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> "Attempt":
        return cls(
            at=datetime.fromisoformat(kept["at"]),
            outcome=Outcome(kept["outcome"]),
            milliseconds=kept.get("ms", 0),
            status_code=kept.get("status"),
            place=Place(kept["place"]) if "place" in kept else None,
        )

    def kept(self) -> dict[str, Any]:
        """Return what stands in the row: what is not known takes no room there."""
        facts = {"ms": self.milliseconds, "status": self.status_code, "place": self.place}
        known = {name: value for name, value in facts.items() if value}
        return {"at": self.at.isoformat(), "outcome": self.outcome.value} | known
