"""What a process makes of a reading: once for each reading, and no more than it may keep."""

import pytest
from django.template.loader import render_to_string
from django.test import Client

from partners import totals
from partners.models import Drive
from partners.views import drives, public
from recruit.memory import Made


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
