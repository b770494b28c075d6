"""What a worklist shows, and in which order: by the last day on which each task is in time. Pure."""

import heapq
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from services.alerts.registration_help.rules import month_after

SOON = timedelta(days=14)
"""So far ahead a worklist looks: a fortnight, in which a journey can be planned."""
OPENED = 500
"""So many sealed contacts a page opens at most, however rare what is wanted may be among them."""
COUNTED = 500
"""So far tasks are counted; of what is more the page says only that it is."""


class When(StrEnum):
    """Where a task stands today. `today`: its time has come and is not over; `soon`: it comes within a fortnight."""

    OVERDUE = "overdue"
    TODAY = "today"
    SOON = "soon"


class Kind(StrEnum):
    """The kind of help, as a filter says it. An episode's kind, or help with birth registration."""

    REGISTRATION = "birth-registration"
    MATERNAL = "maternal"
    CHILD = "child"
    TRANSFER = "transfer"
    ENTITLEMENT = "entitlement"


class Source(StrEnum):
    """The lists that a worklist is merged from. Each is read by its own index, in its own order."""

    HELP = "help"
    OVERDUE = "overdue"
    OPEN = "open"
    PLANNED = "planned"


NOW = frozenset({When.OVERDUE, When.TODAY})
SOURCES: Mapping[Source, When | None] = {
    Source.HELP: None,  # judged by its own window
    Source.OVERDUE: When.OVERDUE,
    Source.OPEN: When.TODAY,
    Source.PLANNED: When.SOON,
}

Place = tuple[date, UUID]
"""The key of a row in its list; what follows it is greater."""
BEGINNING: Place = (date.min, UUID(int=0))


class Row(Protocol):
    """What is asked of a row so that lists can be merged. `due_on` never decreases along a list."""

    @property
    def due_on(self) -> date: ...

    @property
    def place(self) -> Place: ...


R = TypeVar("R", bound=Row)
Seen = TypeVar("Seen", bound=Row, covariant=True)


@dataclass(frozen=True)
class Look(Generic[Seen]):
    """What a look through one list found: rows that are wanted, in order. `reached`: the place of the last row looked
    at, None where there was none. `until`: the last day up to which nothing that is due is missing; None where the
    list ended."""

    rows: Sequence[Seen]
    reached: Place | None = None
    until: date | None = None


@dataclass(frozen=True)
class Wanted:
    """What a reader wants to see. `when` None: what is due by now, overdue or not. `mine`: only what is given to the
    reader. An empty `kinds` means all of them."""

    when: When | None = None
    kinds: frozenset[Kind] = frozenset()
    mine: bool = False
    schedule: str | None = None

    @property
    def times(self) -> frozenset[When]:
        """The sections wanted."""
        return NOW if self.when is None else frozenset({self.when})

    @property
    def sources(self) -> tuple[Source, ...]:
        """The lists in which something wanted can stand. Help with registration is given to nobody and follows no
        schedule; it is not announced before its time."""
        care = not self.kinds or self.kinds != {Kind.REGISTRATION}
        help_too = (
            (not self.kinds or Kind.REGISTRATION in self.kinds)
            and not self.mine
            and self.schedule is None
            and bool(self.times & NOW)
        )
        found = [source for source, when in SOURCES.items() if when in self.times and care]
        return (*([Source.HELP] if help_too else []), *found)


def last_overdue_birth(today: date) -> date:
    """Births up to this day are overdue for registration: the month of the Regulations is over."""
    born = today - timedelta(days=28)
    while month_after(born) >= today:
        born -= timedelta(days=1)
    return born


def merged(lists: Mapping[Source, Look[R]], limit: int) -> list[tuple[Source, R]]:
    """The first rows of several ordered lists, in order of what is due; ties in the order of the lists. Where a look
    did not reach the end of its list, nothing is shown that could stand behind what it has not seen."""
    ordered = [
        [(row.due_on, rank, number, source, row) for number, row in enumerate(look.rows)]
        for rank, (source, look) in enumerate(lists.items())
    ]
    seen = min(((look.until, rank) for rank, look in enumerate(lists.values()) if look.until), default=None)
    every = heapq.merge(*ordered, key=lambda each: each[:3])
    told = every if seen is None else itertools.takewhile(lambda each: each[:2] <= seen, every)
    return [(source, row) for *_, source, row in itertools.islice(told, limit)]


def reached(
    start: Mapping[Source, Place], lists: Mapping[Source, Look[R]], shown: Sequence[tuple[Source, R]]
) -> dict[Source, Place]:
    """Where the next page goes on in each list: behind what was shown, and behind all that was looked at where
    everything found was shown. Something always moves while a list has not ended, so that a reader comes to its end."""
    places = dict(start) | {source: row.place for source, row in shown}
    for source, look in lists.items():
        if look.reached and len(look.rows) == sum(which is source for which, _ in shown):
            places[source] = look.reached
    return places


def more(lists: Mapping[Source, Look[R]], shown: Sequence[tuple[Source, R]]) -> bool:
    """Whether another page may hold something."""
    return any(look.until for look in lists.values()) or sum(len(look.rows) for look in lists.values()) > len(shown)
