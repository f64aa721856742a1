"""Recomputes the credit of a drive under another model: looked at first, then written as lines.

People are read in batches, each decided and written under its own locks: memory does not grow
with the drive, and nobody's confirmation waits longer than for one batch.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import ngettext

from candidates.crediting.planning import Delta, Plan, moving, plan, write
from partners import credits, drives
from partners.credits.holding import RECOMPUTED
from partners.models import Correction, Credit, Drive, Partner, User

BATCH = 2_000
# More than this many sign-ups take longer than somebody waits for a page, or for a confirmation
# while `apply_seen` has every lock: docs/credit.md has the measurement.
MOST_ON_A_PAGE = 10_000
LONGEST_WINDOW = 3_650
# Leaves room in a line for the label of the link, but for its last words.
LONGEST_WHY = 80


@dataclass(frozen=True, slots=True)
class Question:
    """A drive under a model; who signed up after `until` is left out, so that the answer stays."""

    drive: Drive
    attribution: str
    window_days: int
    until: datetime
    why: str = ""

    @property
    def model_shown(self) -> str:
        model = Drive.Attribution(self.attribution).label
        days = self.window_days
        text = ngettext("%(model)s, %(days)s day", "%(model)s, %(days)s days", days)
        return text % {"model": model, "days": f"{days:,}"}

    @property
    def because(self) -> str:
        model = f"{RECOMPUTED} ({self.attribution}, {self.window_days} days)"
        return f"{model} because {self.why}" if self.why else model


class LedgerMoved(Exception):
    """What would change is no longer what somebody saw."""


@dataclass(slots=True)
class Outcome:
    """What would change, or did: nobody is named; `digest` is equal for equal moves and holds.

    Some who move are held: from a link to nobody, until staff have looked.
    """

    people: int = 0
    moves: int = 0
    holds: int = 0
    deltas: Delta = field(default_factory=Counter)
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """One partner (none: organic) and one kind, before and after."""

    partner: Partner | None
    kind: str
    before: int
    change: int

    @property
    def after(self) -> int:
        return self.before + self.change

    @property
    def label(self) -> str:
        return str(Credit.Kind(self.kind).label)


def is_too_large(*, drive: Drive) -> bool:
    """Whether the drive is one for the command recompute_credit, and not for a page."""
    signed_up = Credit.objects.filter(drive=drive, kind=Credit.Kind.SIGNED_UP)
    return signed_up.values("pk")[: MOST_ON_A_PAGE + 1].count() > MOST_ON_A_PAGE


def dry_run(*, question: Question, progress: Callable[[int], None] | None = None) -> Outcome:
    """Say what would change, and write nothing."""
    return _walk(question, lambda _made: None, progress)


def apply(
    *,
    question: Question,
    author: User | None,
    now: datetime,
    adopt: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Outcome:
    """Write what a dry run told, two lines for each credit that moves; return what was written.

    Each batch commits. One that was killed half-way is finished by applying again. With `adopt`
    the drive decides new sign-ups by this model, too.
    """
    if adopt:
        model = {"attribution": question.attribution, "window_days": question.window_days}
        Drive.objects.filter(pk=question.drive.pk).update(**model)
        drives.forget()

    return _walk(
        question,
        lambda made: write(made, cause=Correction.Cause.RECOMPUTED, author=author, now=now),
        progress,
    )


@transaction.atomic
def apply_seen(*, question: Question, digest: str, author: User, now: datetime) -> Outcome:
    """Write what a dry run with this digest told, exactly that or nothing, in one transaction.

    Nobody's credit is corrected or added to meanwhile: for drives that are not too large.
    Raises LedgerMoved.
    """
    credits.all_locked()
    outcome = apply(question=question, author=author, now=now)
    if outcome.digest != digest:
        raise LedgerMoved
    return outcome


def _walk(
    question: Question, act: Callable[[Plan], object], progress: Callable[[int], None] | None
) -> Outcome:
    outcome, digest = Outcome(), hashlib.sha256(_named(question).encode())
    for uuids in _batches(question):
        with transaction.atomic():
            credits.locked(candidate_uuids=uuids)
            made = plan(
                candidate_uuids=uuids,
                attribution=question.attribution,
                window_days=question.window_days,
                because=question.because,
            )
            act(made)
        outcome.people += len(uuids)
        outcome.moves += len(made.moves)
        outcome.holds += len(made.doubts)
        outcome.deltas.update(made.deltas())
        digest.update("".join(_told(made)).encode())
        if progress:
            progress(outcome.people)
    outcome.deltas = Counter({place: it for place, it in outcome.deltas.items() if it})
    outcome.digest = digest.hexdigest()
    return outcome


def _named(question: Question) -> str:
    it = question
    return f"{it.drive.pk} {it.attribution} {it.window_days} {it.until.isoformat()}\n"


def _told(made: Plan) -> Iterator[str]:
    """Say each move, with all the kinds that it takes along, and each hold."""
    for uuid, to in sorted(made.moves.items()):
        taken = [(line.counts_as, line.link_id) for line in moving(made.standing[uuid], to)]
        yield f"{uuid} {sorted(taken)} {to.link_id}\n"
    for uuid, (link, doubt) in sorted(made.doubts.items()):
        yield f"{uuid} {link.id} {doubt}\n"


def _batches(question: Question) -> Iterator[list[UUID]]:
    """Yield the people of the drive by their keys: the unique index of the ledger is in order."""
    people = Credit.objects.filter(
        drive=question.drive, kind=Credit.Kind.SIGNED_UP, recorded_at__lte=question.until
    )
    after = UUID(int=0)
    while True:
        rows = people.filter(candidate_uuid__gt=after).order_by("candidate_uuid")
        uuids = list(rows.values_list("candidate_uuid", flat=True)[:BATCH])
        if not uuids:
            return
        yield uuids
        after = uuids[-1]


def differences(*, drive: Drive, deltas: Delta, written: bool = False) -> list[Difference]:
    """Return each number that changes, those that change most first.

    `written`: the ledger has the change already, and was otherwise before.
    """
    kinds = {kind for _, kind in deltas}
    lines = Credit.objects.filter(drive=drive, counts_as__in=kinds)
    summed = lines.order_by().values_list("partner_id", "counts_as").annotate(Sum("amount"))
    sums = {(partner_id, kind): number for partner_id, kind, number in summed}
    partners = Partner.objects.in_bulk([it for it, _ in deltas if it])
    found = [
        Difference(
            partners.get(partner_id or 0),
            kind,
            sums.get((partner_id, kind), 0) - (change if written else 0),
            change,
        )
        for (partner_id, kind), change in deltas.items()
    ]
    order = Credit.Kind.values
    return sorted(
        found, key=lambda it: (order.index(it.kind), -abs(it.change), str(it.partner or ""))
    )
