"""Decides where the credit of a sign-up goes, and says why in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any, NamedTuple

from partners import links
from partners.credits.standing import LONGEST_REASON
from partners.links import Link
from partners.models import Drive, Hold
from partners.touches import Touch

# Parts of the one statement of candidates.signup, which names the new row `person`; a sign-up
# costs one round trip, and the ledger's columns are still named in this package alone.
SIGN_UP_CLAUSE = """
INSERT INTO partners_credit (candidate_uuid, drive_id, link_id, partner_id, kind, counts_as,
    amount, at, recorded_at, reason, state, office)
SELECT person.id, %(drive_id)s, %(link_id)s, %(partner_id)s, 'signed_up', 'signed_up',
    1, %(now)s, %(now)s, %(reason)s, %(state)s, %(office)s
FROM person
"""
HOLD_CLAUSE = """
INSERT INTO partners_hold (candidate_uuid, drive_id, link_id, suspicion, held_at, outcome)
SELECT person.id, %(drive_id)s, %(held_link_id)s::bigint, %(suspicion)s::text, %(now)s, ''
FROM person WHERE %(suspicion)s::text <> ''
"""


class Came(NamedTuple):
    """One arrival through a link that is known, and when."""

    link: Link
    at: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """Where the credit of a sign-up goes, and why. No link: organic.

    Under a suspicion no partner gets it until staff have looked; the person counts all the same.
    """

    link: Link | None
    reason: str
    suspicion: Hold.Suspicion | None = None

    def parameters(self, drive: Drive) -> dict[str, Any]:
        held = self.link if self.suspicion else None
        credited = None if self.suspicion else self.link
        return {
            "drive_id": drive.id,
            "link_id": credited and credited.id,
            "partner_id": credited and credited.partner_id,
            "reason": self._words()[:LONGEST_REASON],
            "held_link_id": held and held.id,
            "suspicion": self.suspicion.value if held and self.suspicion else "",
        }

    def _words(self) -> str:
        # The value, not its label: the ledger is written in one language.
        held = f"withheld ({self.suspicion.value}): " if self.suspicion else ""
        return held + self.reason


def decide(*, touches: Sequence[Touch], drive: Drive, at: datetime) -> Decision:
    """Choose the touch that is credited: the drive's model over its window, known codes only."""
    in_order = _in_order(touches, drive.attribution, drive.window_days, at)
    for touch in in_order:
        link = links.resolve(raw=touch.raw_code)
        if link:
            return _decision(Came(link, touch.at), drive.attribution, at)
    return Decision(None, "no visit through a known link" if touches else "came by themselves")


def choose(*, came: Sequence[Came], attribution: str, window_days: int, at: datetime) -> Decision:
    """Decide like `decide`, from touches that were stored: for a model that is not the drive's."""
    for arrival in _in_order(came, attribution, window_days, at):
        return _decision(arrival, attribution, at)
    return Decision(None, "no visit through a known link in time")


def _in_order(arrivals: Iterable[Any], model: str, window_days: int, at: datetime) -> list[Any]:
    """Return those in the window, whoever is to be credited first: of two at once, as they came."""
    since = at - timedelta(days=window_days)
    in_window = sorted((it for it in arrivals if it.at >= since), key=attrgetter("at"))
    return in_window[::-1] if model == Drive.Attribution.LAST else in_window


def _decision(came: Came, model: str, at: datetime) -> Decision:
    via = f"{model} visit before sign-up, via '{came.link.label}', {_ago(came.at, at)}"
    return Decision(came.link, via)


def _ago(then: datetime, now: datetime) -> str:
    # Of two servers, the one that saw the visit may be ahead by a second.
    minutes = max(0, int((now - then).total_seconds() // 60))
    for unit, size in (("days", 24 * 60), ("hours", 60)):
        if minutes >= 2 * size:
            return f"{minutes // size} {unit} earlier"
    return "1 minute earlier" if minutes == 1 else f"{minutes} minutes earlier"
