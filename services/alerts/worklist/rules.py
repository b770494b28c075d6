"""What a worklist shows, and in which order: by the last day on which each task is in time. Pure."""

import heapq
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Protocol, TypeVar
from uuid import UUID

from services.alerts.registration_help.rules import month_after

SOON = timedelta(days=14)
"""So far ahead a worklist looks: a fortnight, in which a journey can be planned."""


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


class Row(Protocol):
    """What is asked of a row so that lists can be merged. `due_on` never decreases along a list."""

    @property
    def due_on(self) -> date: ...

    @property
    def place(self) -> Place: ...


R = TypeVar("R", bound=Row)


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


def merged(lists: Mapping[Source, Sequence[R]], limit: int) -> list[tuple[Source, R]]:
    """The first rows of several ordered lists, in order of what is due; ties in the order of the lists."""
    ordered = [
        [(row.due_on, rank, number, source, row) for number, row in enumerate(rows)]
        for rank, (source, rows) in enumerate(lists.items())
    ]
    every = heapq.merge(*ordered, key=lambda each: each[:3])
    return [(source, row) for *_, source, row in itertools.islice(every, limit)]
