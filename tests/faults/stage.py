"""Plays the scenes that tests ask for, a few at a time, each in a world of its own."""

import random
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from candidates.audit import check
from candidates.audit.check import Check
from tests.faults import world as worlds

Scene = Callable[..., Iterator[Check]]


@dataclass(frozen=True)
class Play:
    """A scene, how large, and who is wrong in it: modules of tests.faults.twins, or nobody."""

    scene: Scene
    size: str
    twin: str = ""
    web_twin: str = ""
    settings: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        place = self.scene.__module__.rpartition(".")[2]
        wrong = ", ".join(filter(None, (self.twin, self.web_twin, *self.settings)))
        return f"{place}.{self.scene.__name__}{f' with {wrong}' if wrong else ''}"


@dataclass
class Outcome:
    """What was found, by the name of the claim, and what was measured on the way."""

    checks: Mapping[str, Check]
    said: list[str]
    seconds: float

    @property
    def off(self) -> set[str]:
        return {name for name, it in self.checks.items() if not it.is_ok}

    def table(self) -> str:
        return "\n".join([*check.table(list(self.checks.values())), *self.said])


@dataclass
class Stage:
    template: Path
    seed: int
    at_once: int
    outcomes: dict[Play, Future[Outcome]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._pool = ThreadPoolExecutor(self.at_once, thread_name_prefix="stage")

    def put_on(self, play: Play) -> None:
        """The same play is played once, however many tests look at it."""
        if play not in self.outcomes:
            self.outcomes[play] = self._pool.submit(self._play, play)

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)

    def _play(self, play: Play) -> Outcome:
        began, chance = time.monotonic(), random.Random(f"{self.seed}/{play.name}")
        wishes: dict[str, Any] = {"settings": (*worlds.SETTINGS, *play.settings)}
        wishes |= {"twin": play.twin, "web_twin": play.web_twin}
        with worlds.opened(self.template, **wishes) as world:
            checks = {it.name: it for it in play.scene(world, size=play.size, chance=chance)}
        return Outcome(checks, world.said, time.monotonic() - began)
