"""The next milestone: a round number ahead of what was counted and of what was reached."""

from dataclasses import dataclass

from partners.milestones.stamping import value
from partners.models import Drive, Milestone

FIRST = 100
# From here on the goal that waits is in sight, and the one after it may be set.
IN_SIGHT = 0.9


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`counted` so far on the day or in all, and the `target` that could come next."""

    scope: Milestone.Scope
    counted: int
    target: int

    @property
    def label(self) -> str:
        return str(self.scope.label)


def suggest(*, drive: Drive) -> list[Suggestion]:
    """Return the next target of the drive for the day and in all, where none waits far ahead."""
    found = (_suggest(drive, scope) for scope in Milestone.Scope)
    return [it for it in found if it]


def add_next(*, drive: Drive, scope: str) -> Milestone | None:
    """Set what is suggested now; none where nothing is. Idempotent: there is one of each target."""
    for it in suggest(drive=drive):
        if it.scope == scope:
            of_all = drive.milestones.filter(partner=None)
            return of_all.get_or_create(drive=drive, scope=scope, target=it.target)[0]
    return None


def _suggest(drive: Drive, scope: Milestone.Scope) -> Suggestion | None:
    counted = value(milestone=Milestone(drive=drive, scope=scope), drive=drive)
    targets = drive.milestones.filter(partner=None, scope=scope).values_list("target", flat=True)
    highest = max(targets, default=0)
    if counted < highest * IN_SIGHT:
        return None
    return Suggestion(scope, counted, next_round(max(counted, highest)))


def next_round(number: int) -> int:
    """Return the next number above with one digit, or with a five behind it: 12,900 to 15,000."""
    if number < FIRST:
        return FIRST
    step = int("1".ljust(len(str(number)), "0")) // 2
    return (number // step + 1) * step
