"""Damage of each kind that a check of the harness is for, done on purpose after a quiet day.

Damage to people, credits, tallies and milestones is in tests/day/test_audit.py.
"""

import json
import random
from collections.abc import Callable, Iterator
from typing import Any

from candidates.audit.check import Check
from tests.faults import auditing, witness
from tests.faults.scenes.mailing import owe
from tests.faults.world import World

PEOPLE = 5
# One that was sent: what follows it in its sequence is due in days.
ONE = """WHERE id = (
    SELECT max(id::text)::uuid FROM candidates_followup WHERE sent_at IS NOT NULL)"""
Line = dict[str, Any]


def damages(world: World, *, size: str, chance: random.Random) -> Iterator[Check]:
    """One damage after the other, and the lines of the audit that are off for it."""
    owe(world, PEOPLE)
    world.site.start_workers()
    world.letters.wait_for(PEOPLE)
    auditing.settle(seconds=30)
    world.site.kill_workers()
    yield Check("off on a quiet day", set(), _off(world))
    for name, (damage, expected) in DAMAGES.items():
        before = _off(world)
        damage(world)
        yield Check(f"off after: {name}", expected, _off(world) - before)


def _off(world: World) -> set[str]:
    off = {it.name for it in auditing.always(world) if not it.is_ok}
    return off | ({"begun after opt-out"} if witness.begun_after_opt_out() else set())


def _letters(world: World, change: Callable[[list[Line]], list[Line]]) -> None:
    lines = change(list(world.letters.lines("letter")))
    world.letters.log.write_text("".join(f"{json.dumps(line)}\n" for line in lines))


def _lose(world: World) -> None:
    _letters(world, lambda letters: letters[1:])


def _repeat(world: World) -> None:
    _letters(world, lambda letters: [*letters, letters[-1]])


def _rename(world: World) -> None:
    stranger = f"<{'0' * 8}-{'0' * 4}-4{'0' * 3}-8{'0' * 3}-{'0' * 12}@example.org>"
    _letters(world, lambda letters: [*letters, letters[-1] | {"message_id": stranger}])


def _misdirect(world: World) -> None:
    _letters(world, lambda letters: [letters[0] | {"to": "else@example.org"}, *letters[1:]])


def _complain(world: World) -> None:
    with (world.place.log / "worker.log").open("a") as log:
        log.write("2026-11-14 17:00:00,000 ERROR candidates something that nobody knows\n")


def _stop_then_begin(_world: World) -> None:
    for state in ("suppressed", "sending"):
        witness.execute(f"UPDATE candidates_followup SET state = '{state}', due_at = now() {ONE}")


DAMAGES = {
    "a letter that was sent and is not there": (_lose, {"sent letters that arrived"}),
    "a letter that is there twice": (
        _repeat,
        {
            "letters that arrived again",
            "letters that arrived more often than begun",
            "mails that arrived more often than their row was begun",
        },
    ),
    "a letter under another Message-ID": (_rename, {"letters that no row asked for"}),
    "a letter to somebody else": (_misdirect, {"letters to the wrong address"}),
    "an error that nobody knows": (_complain, {"lines of trouble in the logs"}),
    "a mail begun after its opt-out": (
        _stop_then_begin,
        {"begun after opt-out", "mails still owed"},
    ),
}
