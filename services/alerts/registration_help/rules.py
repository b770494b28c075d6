"""When help with birth registration waits, is open or is closed: a function of window, facts and today. Pure.

Registration is due within one month of birth (Household Registration Regulations, Art. 7). Help is offered from day 15,
so that a family that does it by itself is never called upon, and two weeks remain for one that does not.
"""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

OPENS_AFTER = timedelta(days=15)


class State(StrEnum):
    """What a contact is today."""

    WAITING = "waiting"
    OPEN = "open"
    CLOSED = "closed"


class Kind(StrEnum):
    """What a facility is told. A close has no reason, and a move no destination."""

    OPENED = "opened"
    MOVED_HERE = "moved-here"
    MOVED_AWAY = "moved-away"
    CLOSED = "closed"


@dataclass(frozen=True)
class Window:
    """From when on help is offered, and until when registration is in time. Dates in Asia/Shanghai."""

    opens_on: date
    due_on: date

    @classmethod
    def of(cls, born_on: date) -> "Window":
        """The window of a birth."""
        return cls(born_on + OPENS_AFTER, month_after(born_on))


@dataclass(frozen=True)
class Facts:
    """What is known by now. All but `asked` is for good: once true (or once dead) it stays, in any order of arrival.

    `asked` is false when the birth or the wish was annulled or corrected away; a later correction may ask again.
    """

    asked: bool
    registered: bool = False
    adopted: bool = False
    refused: bool = False
    mother_alive: bool = True
    child_alive: bool = True

    @property
    def ended(self) -> bool:
        """Whether help is over for good."""
        return self.registered or self.adopted or self.refused or not self.mother_alive or not self.child_alive

    def joined(self, other: "Facts") -> "Facts":
        """What is known from both. Ends add up; `asked` is the other's, which must be the later word."""
        return Facts(
            other.asked,
            self.registered or other.registered,
            self.adopted or other.adopted,
            self.refused or other.refused,
            self.mother_alive and other.mother_alive,
            self.child_alive and other.child_alive,
        )


@dataclass(frozen=True)
class Standing:
    """A contact as facilities see it: its state, and the facility on duty where there is one."""

    state: State
    facility: str | None

    @property
    def shown_at(self) -> str | None:
        """The facility whose worklist holds it."""
        return self.facility if self.state is State.OPEN else None


def month_after(day: date) -> date:
    """The same day of the next month, or its last day: 31 January gives 28 or 29 February."""
    year, month = divmod(day.year * 12 + day.month, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def state(window: Window, facts: Facts, today: date) -> State:
    """What the contact is on that day."""
    if facts.ended or not facts.asked:
        return State.CLOSED
    return State.OPEN if today >= window.opens_on else State.WAITING


def next_change_on(window: Window, facts: Facts, today: date) -> date | None:
    """The day on which the date alone changes the state; None where only new facts can."""
    return window.opens_on if state(window, facts, today) is State.WAITING else None


def announcements(before: Standing, after: Standing, *, announced: bool) -> list[tuple[str, Kind]]:
    """Which facilities hear what. `announced`: some facility was told of this contact before."""
    left, reached = before.shown_at, after.shown_at
    if left == reached:
        return []
    told: list[tuple[str, Kind]] = []
    if left is not None:
        told.append((left, Kind.MOVED_AWAY if after.state is State.OPEN else Kind.CLOSED))
    if reached is not None:
        moved = announced and before.state is State.OPEN
        told.append((reached, Kind.MOVED_HERE if moved else Kind.OPENED))
    return told
