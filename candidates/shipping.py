"""Puts the sequences that we ship into the tables: staff own them from then on."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

DAY = timedelta(days=1)
POLITE = {"polite_from": 8, "polite_until": 20}
URGENT, BULK = 0, 1

# (sequence, number of the step, language, subject, body)
Text = tuple[str, int, str, str, str]


class Shipped(NamedTuple):
    """A sequence: its columns, and of its steps the names and the days after the beginning."""

    columns: dict[str, Any]
    steps: tuple[tuple[str, int], ...]


SEQUENCES = {
    "confirmation": Shipped(
        {"name": "Confirmation", "trigger": "signed_up", "is_for_unconfirmed": True},
        (("Confirmation", 0), ("First reminder", 2), ("Last reminder", 5)),
    ),
    "welcome": Shipped(
        {"name": "Welcome, seven days", "trigger": "confirmed"},
        (
            ("You're in", 0),
            ("Your office and your date", 1),
            ("Your why", 2),
            ("Ten conversations", 3),
            ("Money without fear", 4),
            ("Your first week", 5),
            ("The introduction call", 6),
        ),
    ),
}


def ship(*, get_model: Callable[[str, str], Any], texts: Iterable[Text], now: datetime) -> None:
    """Write the sequences that are missing, switched on. `get_model`: of a registry of models."""
    texts = list(texts)
    for slug, shipped in SEQUENCES.items():
        sequence, is_new = get_model("candidates", "Sequence").objects.get_or_create(
            slug=slug, defaults={**shipped.columns, "switched_on_at": now}
        )
        if is_new:
            _ship_steps(get_model, sequence, shipped.steps, texts, now)


def _ship_steps(
    get_model: Callable[[str, str], Any],
    sequence: Any,
    steps: Iterable[tuple[str, int]],
    texts: Iterable[Text],
    now: datetime,
) -> None:
    for number, (name, days) in enumerate(steps, start=1):
        step = get_model("candidates", "Step").objects.create(
            sequence=sequence,
            number=number,
            name=name,
            delay=days * DAY,
            lane=BULK if days else URGENT,
            added_at=now,
            **(POLITE if days else {}),
        )
        get_model("candidates", "StepText").objects.bulk_create(
            get_model("candidates", "StepText")(
                step=step, language=language, version=1, subject=subject, body=body, written_at=now
            )
            for of, place, language, subject, body in texts
            if (of, place) == (sequence.slug, number)
        )
