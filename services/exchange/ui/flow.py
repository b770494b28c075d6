"""Where the ribbons of the flow picture run: reporters on the left, receivers on the right, between them exchange and
registry. Pure.

Widths follow the counts, of all events and all entries of a department together: a picture of the work done, and never
of people. Lines keep the order in which departments are provisioned, so that nobody stands higher for having more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 1160
BAR: Final = 12
REPORTER, EXCHANGE, REGISTRY, RECEIVER = 312, 486, 662, 836  # left edges of the bars
TOP: Final = 64  # room for headings
LINE: Final = 46  # least height of a department's line: two lines of text
GAP: Final = 18  # between two departments' ribbons where they are wide
THICKEST: Final = 320  # height of the fuller side
THINNEST: Final = 1.5  # so that one event can be seen beside a hundred thousand


@dataclass(frozen=True)
class End:
    """One department on one side: its bar, where its name stands, and the ribbon's outline (empty without a count)."""

    department: str
    count: int
    y: float
    height: float
    middle: float
    path: str


@dataclass(frozen=True)
class Flow:
    """The picture in units of its own: `exchange` and `registry` are (top, height) of the bars between."""

    height: float
    reporters: Sequence[End]
    receivers: Sequence[End]
    exchange: tuple[float, float]
    registry: tuple[float, float]
    applied: str


def flow(reported: Sequence[tuple[str, int]], told: Sequence[tuple[str, int]], applied: int) -> Flow:
    """Lay out counts by department; `applied` of what was reported went on into the registry."""
    most = max(sum(count for _, count in side) for side in (reported, told))
    scale = THICKEST / most if most else 0.0
    rooms = [[max(LINE, thickness(count, scale) + GAP) for _, count in side] for side in (reported, told)]
    high = max(sum(room) for room in rooms)
    stacks = [sum(thickness(count, scale) for _, count in side) for side in (reported, told)]
    tops = [TOP + (high - stack) / 2 for stack in stacks]
    reporters = ends(reported, rooms[0], TOP + (high - sum(rooms[0])) / 2, tops[0], scale, (REPORTER + BAR, EXCHANGE))
    receivers = ends(told, rooms[1], TOP + (high - sum(rooms[1])) / 2, tops[1], scale, (RECEIVER, REGISTRY + BAR))
    passed = min(thickness(applied, scale), stacks[0])
    through = ribbon((EXCHANGE + BAR, tops[0]), (REGISTRY, tops[1]), passed, stacks[1]) if passed and stacks[1] else ""
    return Flow(TOP + high + 8, reporters, receivers, (tops[0], stacks[0]), (tops[1], stacks[1]), through)


def thickness(count: int, scale: float) -> float:
    """How wide a ribbon is."""
    return max(THINNEST, count * scale) if count else 0.0


def ends(
    side: Sequence[tuple[str, int]],
    rooms: Sequence[float],
    top: float,
    stack: float,
    scale: float,
    between: tuple[float, float],
) -> list[End]:
    """The departments of one side, each in the middle of its room, and their ribbons into the stack."""
    found = []
    for (department, count), room in zip(side, rooms, strict=True):
        wide = thickness(count, scale)
        y = top + (room - wide) / 2
        path = ribbon((between[0], y), (between[1], stack), wide, wide) if count else ""
        found.append(End(department, count, round(y, 1), round(wide, 1), round(top + room / 2, 1), path))
        top, stack = top + room, stack + wide
    return found


def ribbon(start: tuple[float, float], end: tuple[float, float], wide: float, becomes: float) -> str:
    """The outline of a ribbon, as SVG's path data; points name its upper corners."""
    (x1, y1), (x2, y2) = start, end
    half = (x1 + x2) / 2
    there = f"M{x1:g},{y1:.1f} C{half:g},{y1:.1f} {half:g},{y2:.1f} {x2:g},{y2:.1f}"
    back = f"L{x2:g},{y2 + becomes:.1f} C{half:g},{y2 + becomes:.1f} {half:g},{y1 + wide:.1f} {x1:g},{y1 + wide:.1f} Z"
    return f"{there} {back}"
