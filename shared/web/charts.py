"""Where the marks of charts stand, for templates to draw (templates/charts.html). Pure.

A figure that is withheld is a mark of one size, whatever it would be: a picture tells no more than its table.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 720
ROW, BAR, GUTTER, SIDE, HEAD, FOOT = 21, 16, 76, 40, 34, 34
WITHHELD: Final = 26  # width of the mark of a withheld figure
HIGH, LEFT, RIGHT, TOP, BOTTOM = 250, 96, 50, 20, 40


@dataclass(frozen=True)
class Tick:
    """A line of the scale: where it is, and what it stands for."""

    at: float
    value: float


@dataclass(frozen=True)
class Bar:
    """A figure as a bar; `withheld`: its length says nothing."""

    x: float
    width: float
    value: float | None

    @property
    def withheld(self) -> bool:
        """Nothing is said of this figure."""
        return self.value is None


@dataclass(frozen=True)
class Row:
    """One line of a pyramid: its label, and the two bars that part in the middle."""

    label: str
    y: float
    left: Bar
    right: Bar


@dataclass(frozen=True)
class Pyramid:
    """Two rows of bars back to back, the first label at the bottom, on one scale."""

    height: float
    rows: Sequence[Row]
    left: Sequence[Tick]
    right: Sequence[Tick]

    @property
    def middle(self) -> float:
        """Where the labels stand."""
        return WIDTH / 2


@dataclass(frozen=True)
class Point:
    """One point of a trend; without `y`: its figure is withheld."""

    label: str
    x: float
    y: float | None
    value: float | None


@dataclass(frozen=True)
class Trend:
    """Points in time, and the lines between those that follow each other without a gap."""

    points: Sequence[Point]
    lines: Sequence[str]
    ticks: Sequence[Tick]
    marked: Sequence[Point]
    """The points whose labels have room."""


def pyramid(labels: Sequence[str], left: Sequence[float | None], right: Sequence[float | None]) -> Pyramid:
    """Lay out two series of the same length; None: withheld."""
    most = max([each for each in (*left, *right) if each is not None], default=0.0)
    scale = steps(0.0, most, 4)
    room = (WIDTH - GUTTER) / 2 - SIDE
    unit = room / scale[-1]
    inner_left, inner_right = (WIDTH - GUTTER) / 2, (WIDTH + GUTTER) / 2
    rows = []
    for place, label in enumerate(labels):
        wide = [WITHHELD if each is None else each * unit for each in (left[place], right[place])]
        rows.append(
            Row(
                label,
                round(HEAD + (len(labels) - 1 - place) * ROW + (ROW - BAR) / 2, 1),
                Bar(round(inner_left - wide[0], 1), round(wide[0], 1), left[place]),
                Bar(inner_right, round(wide[1], 1), right[place]),
            )
        )
    return Pyramid(
        HEAD + len(labels) * ROW + FOOT,
        rows,
        [Tick(round(inner_left - each * unit, 1), each) for each in scale],
        [Tick(round(inner_right + each * unit, 1), each) for each in scale],
    )


def trend(labels: Sequence[str], values: Sequence[float | None], most_labels: int = 5) -> Trend:
    """Lay out a series in time; the scale need not begin at nothing, and says where it begins."""
    known = [each for each in values if each is not None]
    scale = steps(min(known, default=0.0), max(known, default=1.0), 4)
    low, high = scale[0], scale[-1]
    step = (WIDTH - LEFT - RIGHT) / max(1, len(values) - 1)

    def height(value: float) -> float:
        return round(TOP + (HIGH - TOP - BOTTOM) * (high - value) / (high - low), 1)

    points = [
        Point(label, round(LEFT + place * step, 1), None if value is None else height(value), value)
        for place, (label, value) in enumerate(zip(labels, values, strict=True))
    ]
    every = max(1, math.ceil(len(points) / most_labels))
    return Trend(
        points,
        lines(points),
        [Tick(height(each), each) for each in scale],
        [point for place, point in enumerate(reversed(points)) if place % every == 0],
    )


def lines(points: Sequence[Point]) -> list[str]:
    """The runs of known points, as points of SVG polylines; one alone is no line."""
    runs: list[list[str]] = [[]]
    for point in points:
        if point.y is None:
            runs.append([])
        else:
            runs[-1].append(f"{point.x:g},{point.y:g}")
    return [" ".join(run) for run in runs if len(run) > 1]


def steps(low: float, high: float, count: int) -> list[float]:
    """About so many round values (1, 2 or 5 times a power of ten apart) from at most `low` to at least `high`."""
    spread = (high - low) or abs(high) / 10 or 1.0
    raw = spread / count
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(each * power for each in (1, 2, 5, 10) if each * power >= raw * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    if last == first:
        last += 1
    return [round(each * step, 10) for each in range(first, last + 1)]
