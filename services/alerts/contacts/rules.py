"""What a care contact is today, and what is told of it: functions of window, facts and today. Pure.

An infection is not representable here: nothing that is announced can depend on it.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from services.alerts.contacts.outcomes import Outcome, Window, current


class State(StrEnum):
    """What a contact is. It moves forward with the days; only an outcome, or taking one back, does anything else."""

    PLANNED = "planned"
    OPEN = "open"
    OVERDUE = "overdue"
    MISSED = "missed"
    CLOSED = "closed"


class Kind(StrEnum):
    """What a facility is told. A close has no reason, and a move no destination."""

    OPENED = "opened"
    OVERDUE = "overdue"
    MISSED = "missed"
    CLOSED = "closed"
    MOVED_HERE = "moved-here"
    MOVED_AWAY = "moved-away"


@dataclass(frozen=True)
class Facts:
    """What is known of a contact beside its window. `withdrawn`: no longer in the plan, or the episode is over."""

    outcomes: tuple[Outcome, ...] = ()
    withdrawn: bool = False

    @property
    def outcome(self) -> Outcome | None:
        """The one that stands."""
        return current(self.outcomes)


@dataclass(frozen=True)
class Transition:
    """One change of state, and the first day of the new one."""

    kind: Kind
    on: date


@dataclass(frozen=True)
class Standing:
    """A contact as facilities see it: its state, and the facility on duty where there is one."""

    state: State
    facility: str | None

    @property
    def shown_at(self) -> str | None:
        """The facility whose worklist holds it."""
        return self.facility if self.state in (State.OPEN, State.OVERDUE) else None


# Which state begins on the day after which date of the window; the day itself for the first.
_STEPS = (State.OPEN, State.OVERDUE, State.MISSED)
_KINDS = {State.OPEN: Kind.OPENED, State.OVERDUE: Kind.OVERDUE, State.MISSED: Kind.MISSED}


def starts(window: Window) -> dict[State, date]:
    """The first day of every state that the days bring. Nothing is overdue where the window ends on the due day."""
    day = timedelta(days=1)
    found = {State.OPEN: window.opens_on, State.OVERDUE: window.due_on + day, State.MISSED: window.closes_on + day}
    if found[State.OVERDUE] == found[State.MISSED]:
        del found[State.OVERDUE]
    return found


def state(window: Window, facts: Facts, today: date) -> State:
    """What the contact is on that day."""
    if facts.withdrawn or facts.outcome is not None:
        return State.CLOSED
    begun = [each for each, first in starts(window).items() if first <= today]
    return begun[-1] if begun else State.PLANNED


def next_change_on(window: Window, facts: Facts, today: date) -> date | None:
    """The first day after today on which the state is another; None where only new facts can change it."""
    if state(window, facts, today) is State.CLOSED:
        return None
    return next((first for first in starts(window).values() if first > today), None)


def transitions(window: Window, facts: Facts, was: State, today: date) -> list[Transition]:
    """What happened since it was `was`: every step with its day, however long nobody looked.

    Nothing is told of days on which an outcome closed it; a change of window or of facts is one step.
    """
    now = state(window, facts, today)
    if now is was or (was is State.PLANNED and now is State.CLOSED):
        return []
    if now is State.CLOSED or now is State.PLANNED:
        return [Transition(Kind.CLOSED, today)] if was in (State.OPEN, State.OVERDUE) else []
    order = [State.PLANNED, *_STEPS]
    begun = [(each, first) for each, first in starts(window).items() if first <= today]
    if was is State.CLOSED or order.index(was) > order.index(now):
        return [Transition(_KINDS[now], today)]
    return [Transition(_KINDS[each], first) for each, first in begun if order.index(each) > order.index(was)]


def announcements(before: Standing, after: Standing) -> list[tuple[str, Kind]]:
    """Which facilities hear what when the duty passes from one to another and the state stays."""
    left, reached = before.shown_at, after.shown_at
    if left == reached:
        return []
    told = [(left, Kind.MOVED_AWAY)] if left is not None else []
    return [*told, (reached, Kind.MOVED_HERE)] if reached is not None else told
