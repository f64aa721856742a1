"""How the person behind a request got here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest

from partners import credits, drives, touches
from partners.links import Link
from partners.touches import Touch
from recruit.away import AWAY


@dataclass(frozen=True, slots=True)
class Arrival:
    """The touches of the cookie, and the link that a sign-up now would be credited to."""

    touches: Sequence[Touch] = ()
    link: Link | None = None


def of(request: HttpRequest, now: datetime) -> Arrival:
    """Read the cookie; with PostgreSQL away and nothing in memory, nobody is named."""
    came = touches.read(request)
    if not came:
        return Arrival()
    try:
        drive = drives.current(now=now)
        return Arrival(came, credits.decide(touches=came, drive=drive, at=now).link)
    except AWAY:
        return Arrival(came)
