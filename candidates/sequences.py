"""What staff set up: which steps begin with what, which one follows, and in which words."""

from collections.abc import Iterable, Mapping, Sequence
from zlib import crc32

from django.db import connection

from candidates.models import Candidate, Step, StepText
from candidates.models import Sequence as Mails
from candidates.models.sequences import Audience
from recruit import locks
from recruit.memory import Kept

KEPT_SECONDS = 2.0
# Of the locks that keep the order of steps while somebody begins at the first of them.
ORDER = locks.key(7_314_020)

_at_sign_up: Kept[list[Step]] = Kept(seconds=KEPT_SECONDS)

# By step, language and partner; no partner: for everybody.
Texts = Mapping[tuple[int, str, int | None], StepText]


def forget() -> None:
    """Remember nothing: the next sign-up asks the database which mails it owes."""
    _at_sign_up.forget()


def hold_order(*, trigger: str, stage: str = "") -> None:
    """Wait for whoever exchanges steps of what begins so; nobody does before our commit.

    Of the row of a new follow-up nobody knows before that: it would stay at a step that was the
    first, and what is the first by then would be missed.
    """
    _lock("pg_advisory_xact_lock_shared", trigger, stage)


def take_order(*, sequence: Mails) -> None:
    """Wait for all who begin so; whoever comes later begins with what is first by then."""
    _lock("pg_advisory_xact_lock", sequence.trigger, sequence.trigger_stage)


def _lock(function: str, trigger: str, stage: str) -> None:
    beginning = crc32(f"{trigger}:{stage}".encode()) - 2**31  # an integer of PostgreSQL
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s, %s)", [ORDER, beginning])


def first_steps(*, trigger: Mails.Trigger, stage: str = "") -> list[Step]:
    """Return the first step of every sequence that is switched on and begins so."""
    begun = Step.objects.filter(
        removed_at=None,
        sequence__trigger=trigger,
        sequence__trigger_stage=stage,
        sequence__switched_on_at__isnull=False,
    )
    return list(begun.order_by("sequence", "number").distinct("sequence"))


def at_sign_up() -> list[Step]:
    """Return the first steps that a sign-up owes: from memory, for the hottest path of all."""
    return _at_sign_up.get(lambda: first_steps(trigger=Mails.Trigger.SIGNED_UP))


def following(*, steps: Iterable[Step]) -> dict[int, Step]:
    """Return for each of these steps, by id, the one after it; the last one is left out."""
    asked = {step.id: step for step in steps}
    living = Step.objects.filter(
        sequence__in={step.sequence_id for step in asked.values()}, removed_at=None
    )
    found: dict[int, Step] = {}
    for later in living.order_by("-number"):
        for step in asked.values():
            if later.sequence_id == step.sequence_id and later.number > step.number:
                found[step.id] = later
    return found


def current_texts(*, steps: Iterable[Step]) -> Texts:
    """Return the newest version of every text of these steps that was not withdrawn."""
    places = ("step", "language", "partner")
    texts = StepText.objects.filter(step__in={step.id for step in steps})
    newest = texts.order_by(*places, "-version").distinct(*places)
    return {(it.step_id, it.language, it.partner_id): it for it in newest if not it.is_withdrawal}


def text_for(*, texts: Texts, step: Step, language: str, partner_id: int | None) -> StepText | None:
    """Choose the partner's own words in the reader's language, then everybody's, then English."""
    wanted: Sequence[tuple[int, str, int | None]] = (
        (step.id, language, partner_id),
        (step.id, language, None),
        (step.id, "en", None),
    )
    return next((texts[key] for key in wanted if key in texts), None)


def is_meant(*, audience: Audience, candidate: Candidate, partner_id: int | None) -> bool:
    """Whether somebody is among those whom a sequence, a step or a broadcast is for."""
    asked = (
        (audience.stages, candidate.stage),
        (audience.offices, candidate.office),
        (audience.states, candidate.state),
        (audience.languages, candidate.language),
        (audience.partners, partner_id),
    )
    return all(not named or what in named for named, what in asked)
