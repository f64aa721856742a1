"""What one batch may use of the ways that mail takes, and what it learns of them."""

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from candidates.followups import settling
from candidates.followups.claiming import Errand
from candidates.models import Lane
from partners import mail_routes
from partners.mail_routes import PROVIDER, Grant
from recruit import replies
from recruit.replies import Outcome

# Between mails of a domain that rests: when it wakes up, they don't come all at once.
APART = timedelta(milliseconds=100)


def way(errand: Errand) -> str:
    return mail_routes.of_domain(errand.followup.candidate.email_canonical)


@dataclass
class Passage:
    """`leaving` may leave now, `back` when the provider has room. The rest was put off."""

    leaving: deque[Errand]
    back: list[Errand]
    grants: dict[str, Grant]
    troubled: set[str] = field(default_factory=set)
    closed: set[str] = field(default_factory=set)

    def is_open(self, errand: Errand) -> bool:
        return way(errand) not in self.closed

    def note_sent(self, errand: Errand) -> None:
        self._note_open({PROVIDER, way(errand)})

    def _note_open(self, keys: set[str]) -> None:
        for key in self.troubled & keys:
            mail_routes.note_success(key=key)
            self.troubled.remove(key)

    def blame(self, errand: Errand, outcome: Outcome, now: datetime) -> bool:
        """Count a failure against whoever is to blame; say whether that way is closed now.

        A provider that has something to say of a reader is back, whatever it says.
        """
        if outcome.blames_provider:
            return self.note_failed(PROVIDER, outcome, now)
        if outcome is not replies.UNWRITTEN:
            self._note_open({PROVIDER})
        if outcome.blames_domain:
            return self.note_failed(way(errand), outcome, now)
        return False

    def note_failed(self, key: str, outcome: Outcome, now: datetime) -> bool:
        grant = self.grants.get(key)
        self.troubled.add(key)
        most, is_trial = outcome.opens_after, bool(grant and grant.is_trial)
        if mail_routes.note_failure(key=key, most=most, is_trial=is_trial, now=now):
            self.closed.add(key)
        return key in self.closed


def admit(*, wanted: Sequence[Errand], lane: Lane, now: datetime) -> Passage:
    """Choose what may leave now; what its reader's domain has no room for is put off."""
    counts = Counter(way(it) for it in wanted)
    counted, is_urgent = {PROVIDER: len(wanted), **counts}, lane == Lane.URGENT
    grants = mail_routes.take(counts=counted, is_urgent=is_urgent, now=now)
    left = {key: grant.number for key, grant in grants.items()}
    passage = Passage(deque(), [], grants, {it for it, grant in grants.items() if grant.failures})
    late: list[tuple[Errand, datetime]] = []
    refused: Counter[str] = Counter()
    for errand in wanted:
        key = way(errand)
        if left.get(key, 1) < 1:
            refused[key] += 1
            late.append((errand, _later(key, grants[key], refused[key], now)))
        elif left.get(PROVIDER, 1) < 1:
            passage.back.append(errand)
        else:
            passage.leaving.append(errand)
            for used in left.keys() & {key, PROVIDER}:
                left[used] -= 1
    settling.put_off_all(late=[(errand.followup, due_at) for errand, due_at in late])
    _give_back(left)
    return passage


def _later(key: str, grant: Grant, place: int, now: datetime) -> datetime:
    """As its bucket fills, or after its rest."""
    rate = mail_routes.rate(key)
    apart = timedelta(seconds=1 / rate) if rate else APART
    return max(now, grant.rests_until or now) + place * apart


def _give_back(left: dict[str, int]) -> None:
    for key, number in left.items():
        if number > 0 and mail_routes.rate(key):
            mail_routes.give_back(key=key, number=number)
