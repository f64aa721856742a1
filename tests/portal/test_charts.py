"""Charts are only arithmetic: the tallest bar is as tall as the chart, none runs out of it."""

from hypothesis import given
from hypothesis import strategies as st

from partners import charts

COUNTS = st.lists(st.integers(-3, 100_000), min_size=1, max_size=40)


@given(COUNTS)
def test_every_bar_stands_on_the_ground_and_within_the_chart(values):
    bars = charts.bars(values)

    assert [bar.value for bar in bars] == values
    assert all(bar.y + bar.height == charts.BARS_HEIGHT and bar.y >= 0 for bar in bars)
    assert all((bar.height > 0) == (bar.value > 0) for bar in bars)
    assert sum(bar.is_top for bar in bars) == (max(values) > 0)


@given(COUNTS)
def test_a_line_stays_in_its_box(values):
    points = [point.split(",") for point in charts.line(values).points.split()]

    assert len(points) == max(2, len(values))
    assert all(0 <= float(x) <= charts.LINE_WIDTH for x, _y in points)
    assert all(0 <= float(y) <= charts.LINE_HEIGHT for _x, y in points)


def test_nothing_makes_an_empty_chart():
    assert charts.bars([]) == ()
    assert charts.line([]).points == "0.0,28.0 100.0,28.0"


def test_a_bar_of_one_beside_ten_thousand_can_be_seen():
    assert charts.bars([10_000, 1])[1].height == 2
