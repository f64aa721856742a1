"""What a process makes of a reading: once for each reading, and no more than it may keep."""

import threading
import time

import pytest
from django.db import OperationalError
from django.template.loader import render_to_string
from django.test import Client

from partners import totals
from partners.models import Drive
from partners.views import drives, public
from recruit import memory
from recruit.memory import Kept, Made


def test_it_is_made_once_for_the_same_source_and_anew_for_an_equal_one() -> None:
    made: Made[list[int], list[int]] = Made(most=2)
    source = [1]

    first = made.get("key", source, lambda: [*source])

    assert made.get("key", source, lambda: [*source]) is first
    assert made.get("key", [1], lambda: [*source]) is not first


def test_what_was_not_asked_for_longest_goes_first() -> None:
    made: Made[str, object] = Made(most=2)
    kept = {key: made.get(key, "source", object) for key in "ab"}
    made.get("a", "source", object)
    made.get("c", "source", object)

    assert made.get("a", "source", object) is kept["a"]
    assert made.get("b", "source", object) is not kept["b"]


@pytest.mark.parametrize("address", ["/live/", "/drives/", "/drives/day-2026/"])
def test_a_page_is_rendered_once_for_each_reading(
    client: Client, drive: Drive, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    drive.milestones.create(scope="day", target=5)
    rendered: list[str] = []

    def render(template: str, *given: object) -> str:
        rendered.append(template)
        return render_to_string(template, *given)  # type: ignore[arg-type]

    for module in (public, drives):
        monkeypatch.setattr(module, "render_to_string", render)
    monkeypatch.setattr(totals._kept, "seconds", 60)

    pages = {client.get(address).content for _ in range(5)}

    assert (len(pages), len(rendered)) == (1, 1)
    client.get(f"/es{address}")
    assert len(rendered) == 2


def aged(seconds: float) -> Kept[int]:
    """A value that was read so many seconds ago, of those that are kept for ten."""
    kept: Kept[int] = Kept(seconds=10)
    kept.get(lambda: 1)
    kept._due_at = time.monotonic() + 10 - seconds
    return kept


def told_while_it_is_read(kept: Kept[int], *, until: threading.Event) -> int:
    """Say what is told while another thread reads the value anew, which it does until then."""
    begun = threading.Event()

    def read() -> int:
        begun.set()
        until.wait(5)
        return 2

    reader = threading.Thread(target=kept.get, args=[read])
    reader.start()
    begun.wait(5)
    told = kept.get(lambda: 3)
    until.set()
    reader.join()
    return told


def test_who_comes_to_a_value_of_long_ago_waits_for_the_new_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory, "PATIENCE_SECONDS", 30)
    until = threading.Event()
    threading.Timer(0.05, until.set).start()

    assert told_while_it_is_read(aged(60), until=until) == 2


def test_who_comes_to_a_value_of_just_now_waits_for_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Or would be told of the new one."""
    monkeypatch.setattr(memory, "PATIENCE_SECONDS", 30)

    assert told_while_it_is_read(aged(15), until=threading.Event()) == 1


def test_nobody_waits_longer_than_patience_for_a_frozen_database() -> None:
    assert told_while_it_is_read(aged(60), until=threading.Event()) == 1


def test_nobody_waits_once_it_is_known_to_be_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "PATIENCE_SECONDS", 30)
    kept = aged(60)

    def away() -> int:
        raise OperationalError

    assert kept.get(away) == 1
    kept._due_at = time.monotonic() - 60

    assert told_while_it_is_read(kept, until=threading.Event()) == 1


@pytest.mark.parametrize(("apart", "told"), [(True, 2), (False, 1)])
def test_what_may_be_slow_is_read_apart_and_keeps_no_other_value_old(
    apart: bool, told: int
) -> None:
    slow: Kept[int] = Kept(seconds=10, apart=apart)
    slow.get(lambda: 1)
    slow.expire()
    begun, until = threading.Event(), threading.Event()
    reader = threading.Thread(target=slow.get, args=[lambda: (begun.set(), until.wait(5), 2)[2]])
    reader.start()
    begun.wait(5)

    assert aged(15).get(lambda: 2) == told

    until.set()
    reader.join()
