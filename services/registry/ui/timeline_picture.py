"""The picture of a person's timeline: what held from which day on, and below it when that was known. Pure.

Days stand side by side in their order, each as wide as the others: a life has decades in which nothing is reported and
weeks in which much is, and a scale of years would show neither.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from services.registry.people.schemas import ChangeShown, Step
from shared.clock import SHANGHAI

Said = Mapping[tuple[str, str | None], str]
"""What a field's value is called: by the field and the value as text."""

LEFT: Final = 150  # room for the names of fields
WIDTH: Final = 1060  # that is used where there are few days
NARROW, BROAD = 150, 300  # of a day
TOP: Final = 34
BAR: Final = 26
GAP: Final = 6
STRIP: Final = 112  # height of the strip between effective days and the days on which they were known
WIDE: Final = 14.0  # of a Chinese character; Latin ones take about half
INSET: Final = 8


@dataclass(frozen=True)
class Bar:
    """A value from a day on. `standing`: it still counts; else it turned out otherwise. `label`: as much as fits."""

    x: int
    y: int
    width: int
    label: str
    whole: str
    standing: bool


@dataclass(frozen=True)
class Lane:
    """One field: its name's place, and its bars."""

    field: str
    y: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Known:
    """What took effect at `x1` was known at `x2`. `standing`: something of it still counts."""

    x1: int
    x2: int
    standing: bool


@dataclass(frozen=True)
class Picture:
    """The picture in units of its own. `days` and `known_days`: where each day stands on its axis."""

    width: int
    height: int
    strip: int
    days: tuple[tuple[int, date], ...]
    known_days: tuple[tuple[int, date], ...]
    lanes: tuple[Lane, ...]
    known: tuple[Known, ...]


def picture(steps: Sequence[Step], said: Said, order: Sequence[str]) -> Picture:
    """Lay out a timeline. `said`: what a field's value is called; `order`: of the fields."""
    days = [step.on for step in steps]
    column = min(BROAD, max(NARROW, (WIDTH - LEFT) // max(1, len(days))))
    ends = LEFT + column * max(1, len(days))
    at = {day: LEFT + column * place for place, day in enumerate(days)}
    found = [(step.on, change) for step in steps for change in step.changes]
    lanes, y = [], TOP
    for field in order:
        mine = [(on, change) for on, change in found if change.field == field]
        if mine:
            bars, y_after = lane(mine, at, column, y, said)
            lanes.append(Lane(field, y, bars))
            y = y_after
    seen = sorted({known_on(change) for _, change in found})
    at_known = {day: LEFT + (ends - LEFT) * (2 * place + 1) // (2 * len(seen)) for place, day in enumerate(seen)}
    links: dict[tuple[int, int], bool] = {}
    for on, change in found:
        ends_at = (at[on], at_known[known_on(change)])
        links[ends_at] = links.get(ends_at, False) or change.known_until is None
    return Picture(
        ends + INSET,
        y + STRIP,
        y + 24,
        tuple((x, day) for day, x in at.items()),
        tuple((x, day) for day, x in at_known.items()),
        tuple(lanes),
        tuple(Known(x1, x2, standing) for (x1, x2), standing in sorted(links.items())),
    )


def known_on(change: ChangeShown) -> date:
    """The day on which the registry knew."""
    return change.known_since.astimezone(SHANGHAI).date()


def lane(
    changes: Sequence[tuple[date, ChangeShown]],
    at: Mapping[date, int],
    column: int,
    top: int,
    said: Said,
) -> tuple[tuple[Bar, ...], int]:
    """The bars of one field, and where the next lane begins. What turned out otherwise stands in rows of its own below
    what counts, so that nothing covers anything."""
    counting = [(on, change) for on, change in changes if change.known_until is None]
    wrong = [(on, change) for on, change in changes if change.known_until is not None]
    ends = max(at.values()) + column
    starts = sorted({at[on] for on, _ in counting})
    bars = [
        bar(change, at[on], next((x for x in starts if x > at[on]), ends), top, said, standing=True)
        for on, change in counting
    ]
    y = top + (BAR + GAP if counting else 0)
    for on, change in wrong:
        bars.append(bar(change, at[on], at[on] + column, y, said, standing=False))
        y += BAR + GAP
    return tuple(bars), y


def bar(change: ChangeShown, x: int, until: int, y: int, said: Said, *, standing: bool) -> Bar:
    """One bar with as much of its value as fits into it."""
    whole = said[change.field, text_of(change.value)]
    return Bar(x + 2, y, until - x - 4, fitting(whole, until - x - 4 - 2 * INSET), whole, standing)


def text_of(value: object) -> str | None:
    """A value as it is looked up and compared."""
    return None if value is None else str(value)


def fitting(text: str, room: float) -> str:
    """As much of a text as fits, with a mark where something is left out."""
    used = 0.0
    for place, character in enumerate(text):
        used += WIDE if ord(character) > 0x2E80 else WIDE * 0.56
        if used > room:
            return text[: max(0, place - 1)] + "…"
    return text


def end_of(day: date) -> datetime:
    """The last instant of a day here."""
    return datetime(day.year, day.month, day.day, 23, 59, 59, 999999, SHANGHAI)
