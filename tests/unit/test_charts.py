"""Charts say what their figures say, and nothing of those that are withheld."""

from hypothesis import given
from hypothesis import strategies as st

from shared.web.charts import LEFT, WIDTH, WITHHELD, lines, pyramid, steps, trend

figures = st.lists(st.none() | st.integers(0, 10**7).map(float), min_size=1, max_size=24)


@given(figures, st.data())
def test_bars_are_as_long_as_their_figures_and_never_leave_the_picture(
    left: list[float | None], data: st.DataObject
) -> None:
    right = data.draw(st.permutations(left))
    chart = pyramid([str(n) for n in range(len(left))], left, right)
    bars = [bar for row in chart.rows for bar in (row.left, row.right)]
    assert all(bar.x >= 0 and bar.x + bar.width <= WIDTH for bar in bars)
    assert {bar.width for bar in bars if bar.withheld} <= {WITHHELD}
    known = sorted((bar.value, bar.width) for bar in bars if bar.value is not None)
    assert [width for _, width in known] == sorted(width for _, width in known)
    assert chart.rows[0].y > chart.rows[-1].y or len(left) == 1, "the youngest stand at the bottom"


def test_a_withheld_figure_looks_the_same_whatever_it_is_beside() -> None:
    alone, beside = pyramid(["0"], [None], [10.0]), pyramid(["0"], [None], [10_000.0])
    assert alone.rows[0].left == beside.rows[0].left


@given(figures)
def test_a_trend_stays_within_its_scale_and_breaks_where_something_is_withheld(values: list[float | None]) -> None:
    chart = trend([str(n) for n in range(len(values))], values)
    assert [point.y is None for point in chart.points] == [value is None for value in values]
    low, high = chart.ticks[0].at, chart.ticks[-1].at
    assert all(high <= point.y <= low for point in chart.points if point.y is not None)
    assert sum(len(line.split()) for line in chart.lines) <= len([value for value in values if value is not None])
    assert chart.points[0].x == LEFT
    assert chart.marked[0] == chart.points[-1], "the newest is always named"


def test_lines_join_neighbours_only() -> None:
    assert [len(each.split()) for each in lines(trend(list("abcde"), [1, 2, None, 4, 5]).points)] == [2, 2]
    assert lines(trend(list("abc"), [1, None, 3]).points) == []


@given(st.integers(-(10**6), 10**6).map(float), st.integers(0, 10**6).map(lambda cents: cents / 100), st.integers(2, 6))
def test_scales_are_round_and_hold_what_they_show(low: float, spread: float, count: int) -> None:
    found = steps(low, low + spread, count)
    assert found == sorted(set(found))
    assert 2 <= len(found) <= count + 3
    width = found[1] - found[0]
    assert found[0] <= low + width * 1e-6
    assert found[-1] >= low + spread - width * 1e-6
