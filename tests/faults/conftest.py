"""Plays what the chosen tests ask for, and says what was measured."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from recruit.local import processes
from tests.faults import world as worlds
from tests.faults.stage import Outcome, Play, Stage

HERE = Path(__file__).parent
QUICK_AT_ONCE, FULL_AT_ONCE = 3, 1
SEED = pytest.StashKey[int]()
told: list[str] = []


def seed_of(config: pytest.Config) -> int:
    """Without one of its own, this run takes any."""
    return config.stash.setdefault(SEED, config.getoption("seed", None) or random.randrange(10**6))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("faults")


def play_of(item: pytest.Item) -> Play | None:
    mark = item.get_closest_marker("plays")
    if not mark:
        return None
    usual = "full" if is_full(item.config) else "quick"
    return Play(**{"size": usual, **mark.kwargs})


def is_full(config: pytest.Config) -> bool:
    return bool(config.getoption("full", default=False))


@pytest.fixture(scope="session")
def template() -> Iterator[Path]:
    with worlds.prepared() as folder:
        yield folder


@pytest.fixture(scope="package")
def stage(
    request: pytest.FixtureRequest, template: Path, django_db_blocker: Any
) -> Iterator[Stage]:
    if not processes.HAS_PROC:
        pytest.skip("FAULTS ARE NOT MADE HERE: who belongs to a server is read from /proc")
    at_once = FULL_AT_ONCE if is_full(request.config) else QUICK_AT_ONCE
    stage = Stage(template, seed_of(request.config), at_once)
    with django_db_blocker.unblock():
        for item in request.session.items:
            if play := play_of(item):
                stage.put_on(play)
        yield stage
        stage.close()


@pytest.fixture
def outcome(request: pytest.FixtureRequest, stage: Stage) -> Outcome:
    """What came of the play that the test is marked with."""
    play = play_of(request.node)
    assert play
    outcome = stage.outcomes[play].result()
    told.append(f"{outcome.seconds:6.1f} s  {play.name}: {'; '.join(outcome.said)}")
    return outcome


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if told:
        terminalreporter.section(f"faults (--seed {seed_of(config)})")
        for line in told:
            terminalreporter.write_line(line)
