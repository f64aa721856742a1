"""Turns numbers into the geometry of SVG: where each bar stands, where each line runs."""

from collections.abc import Sequence
from dataclasses import dataclass

BARS_HEIGHT = 140
LINE_WIDTH, LINE_HEIGHT = 100, 28
GAP = 0.22
EDGE = 4


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: across in per cent, so that text keeps its size on any screen; up in pixels."""

    value: int
    x: str
    middle: str
    label_x: str
    anchor: str
    width: str
    y: int
    height: int
    is_top: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A sparkline in a box of LINE_WIDTH x LINE_HEIGHT that is stretched to its place."""

    points: str
    area: str


def bars(
    values: Sequence[int], *, height: int = BARS_HEIGHT, top: float | None = None
) -> tuple[Bar, ...]:
    """Place one bar per value; a value above zero is never too small to be seen.

    `top` is the value of a bar as high as the chart; without it, that of the highest.
    """
    highest = max(values, default=0)
    top = highest if top is None else top
    step = 100 / max(1, len(values))
    first_top = values.index(highest) if highest > 0 else None
    return tuple(
        _bar(value, index, step, _pixels(value, top, height), height, is_top=index == first_top)
        for index, value in enumerate(values)
    )


def _bar(value: int, index: int, step: float, tall: int, height: int, *, is_top: bool) -> Bar:
    label_x, anchor = _label((index + 0.5) * step)
    return Bar(
        value=value,
        x=_percent((index + GAP / 2) * step),
        middle=_percent((index + 0.5) * step),
        label_x=label_x,
        anchor=anchor,
        width=_percent((1 - GAP) * step),
        y=height - tall,
        height=tall,
        is_top=is_top,
    )


def _label(middle: float) -> tuple[str, str]:
    """Keep the label of a bar at either edge inside the chart."""
    if middle < EDGE:
        return "0%", "start"
    return ("100%", "end") if middle > 100 - EDGE else (_percent(middle), "middle")


def level(value: float, *, top: float, height: int = BARS_HEIGHT) -> int:
    """Say how far from above a value stands among bars with this `top`, in pixels."""
    return height - round(max(0, value) / top * height) if top else height


def _pixels(value: int, top: float, height: int) -> int:
    """A correction can bring an hour below zero: it gets no bar, the table tells it."""
    return max(2, round(value / top * height)) if value > 0 else 0


def _percent(number: float) -> str:
    return f"{number:.2f}%"


def line(values: Sequence[int]) -> Line:
    """Draw the course of the values; the lowest stands on the ground, one value makes a level."""
    course = list(values) * 2 if len(values) == 1 else list(values) or [0, 0]
    low, high = min(0, *course), max(1, *course)
    step = LINE_WIDTH / (len(course) - 1)
    points = " ".join(
        f"{index * step:.1f},{LINE_HEIGHT - (value - low) / (high - low) * LINE_HEIGHT:.1f}"
        for index, value in enumerate(course)
    )
    return Line(points, f"0,{LINE_HEIGHT} {points} {LINE_WIDTH},{LINE_HEIGHT}")
