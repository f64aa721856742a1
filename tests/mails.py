"""Steps of the sequences that we ship, by name, and mails as a worker would write them."""

from collections.abc import Callable
from datetime import datetime

from candidates import followups, letters, sequences
from candidates.models import Candidate, FollowUp, Lane, Step

# The steps that ship: of which sequence, and where in it.
SHIPPED = [
    *(("confirmation", number) for number in (1, 2, 3)),
    *(("welcome", number) for number in range(1, 8)),
]
CONFIRM, REMIND, WELCOME = SHIPPED[0], SHIPPED[1], SHIPPED[3]


def step(place: tuple[str, int]) -> Step:
    slug, number = place
    steps = Step.objects.select_related("sequence", "broadcast")
    return steps.get(sequence__slug=slug, number=number)


def of(candidate: Candidate, place: tuple[str, int] = CONFIRM) -> FollowUp:
    """Return this candidate's row for a step."""
    return candidate.followups.get(step=step(place))


def owe(candidate: Candidate, place: tuple[str, int] = CONFIRM, *, at: datetime) -> FollowUp:
    """Owe a step, whatever came before it."""
    of_step = step(place)
    return FollowUp.objects.create(
        candidate=candidate, step=of_step, lane=of_step.lane, anchor_at=at, due_at=at
    )


def with_words(followup: FollowUp) -> FollowUp:
    """Choose its words, as a claim does."""
    followup.text = sequences.text_for(
        texts=sequences.current_texts(steps=[followup.step]),
        step=followup.step,
        language=followup.candidate.language,
        partner_id=None,
    )
    return followup


def written(followup: FollowUp) -> letters.Letter:
    return letters.write(followup=with_words(followup))


def send_due(*, clock: Callable[[], datetime]) -> int:
    """Send what is due in either lane; say how many were claimed."""
    return sum(followups.send_due(lane=lane, clock=clock) for lane in Lane)


def places() -> set[tuple[str, int]]:
    """Say which steps are owed to anybody, or were."""
    return set(FollowUp.objects.values_list("step__sequence__slug", "step__number"))
