"""Ranges of positions that stand nowhere. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

Range = tuple[int, int]
"""First and last."""
NAMED = 100  # ranges of one topic; one that lost everything is one range, and one that lost every second is enough said


class Lost(NamedTuple):
    """What a look missed, and the highest position that it met."""

    ranges: Sequence[Range]
    reached: int


def absent(stands: bytearray, first: int, last: int) -> Iterator[Range]:
    """The positions from `first` to `last` that are not set; what lies behind the end of `stands` is not."""
    place = first
    while place <= last:
        begin = stands.find(0, place)
        begin = max(place, len(stands)) if begin < 0 else begin
        if begin > last:
            return
        end = stands.find(1, begin)
        end = last + 1 if end < 0 else min(end, last + 1)
        yield begin, end - 1
        place = end


def both(one: Iterable[Range], other: Sequence[Range]) -> list[Range]:
    """What lies in ranges of both; each in ascending order, without overlaps of its own."""
    found, at = [], 0
    for first, last in one:
        while at < len(other) and other[at][1] < first:
            at += 1
        here = at
        while here < len(other) and other[here][0] <= last:
            found.append((max(first, other[here][0]), min(last, other[here][1])))
            here += 1
    return found


def lost_twice(before: Lost, after: Lost) -> Lost:
    """What two looks missed; nothing behind the end of the first where that has moved since: it is on its way."""
    found = both(before.ranges, after.ranges)
    moves = before.reached != after.reached
    return Lost([each for each in found if not moves or each[1] < before.reached], after.reached)


def places(where: str, ranges: Iterable[Range]) -> list[str]:
    """As findings name them: `topic: 5` or `topic: 5-9`."""
    return [f"{where}: {first}" if first == last else f"{where}: {first}-{last}" for first, last in ranges]
