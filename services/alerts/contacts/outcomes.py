"""Outcomes of care contacts: what may be said of one, and what that means. "Done" means that it happened. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

EARLY = timedelta(days=7)  # a contact held up to a week before its window still is that contact
FOLLOW_UP = timedelta(days=14)  # the result of a referral is followed up within two weeks (national norms 2017)


class OutcomeKind(StrEnum):
    """What a worker says of a contact. Only `done` means that it happened; that it was missed, the days say."""

    DONE = "done"
    DECLINED = "declined"
    MOVED = "moved"
    ENDED = "ended"
    NOT_APPLICABLE = "not-applicable"


class Timing(StrEnum):
    """When a contact that happened, happened."""

    EARLY = "early"
    ON_TIME = "on-time"
    LATE = "late"


class Fault(StrEnum):
    """Why an outcome is refused."""

    IN_THE_FUTURE = "in-the-future"
    BEFORE_THE_WINDOW = "before-the-window"
    HAS_AN_OUTCOME = "has-an-outcome"
    UNDONE_ALREADY = "undone-already"


class OutcomeRefused(ValueError):
    """An outcome that cannot be."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(fault.value)


@dataclass(frozen=True)
class Window:
    """Wanted from `opens_on` to `due_on`, late until `closes_on`. Dates in Asia/Shanghai, all inclusive."""

    opens_on: date
    due_on: date
    closes_on: date


@dataclass(frozen=True)
class Outcome:
    """What was said of a contact. `on`: the day it is about; `recorded_on`: the day it was written down."""

    kind: OutcomeKind
    on: date
    recorded_on: date
    undone_on: date | None = None

    @property
    def stands(self) -> bool:
        """Whether nobody took it back."""
        return self.undone_on is None

    @property
    def back_dated(self) -> bool:
        """Whether it was written down after the day it is about."""
        return self.on < self.recorded_on


def current(outcomes: Iterable[Outcome]) -> Outcome | None:
    """The outcome that nobody took back."""
    return next((each for each in outcomes if each.stands), None)


def faults(window: Window, outcomes: Iterable[Outcome], new: Outcome) -> list[Fault]:
    """Why an outcome is refused; none where it may be written down. Any day up to today may be named, long past ones
    too: a record says what happened, whenever somebody gets round to it."""
    found = []
    if current(outcomes) is not None:
        found.append(Fault.HAS_AN_OUTCOME)
    if new.on > new.recorded_on:
        found.append(Fault.IN_THE_FUTURE)
    if new.kind is OutcomeKind.DONE and new.on < window.opens_on - EARLY:
        found.append(Fault.BEFORE_THE_WINDOW)
    return found


def timing(window: Window, outcome: Outcome) -> Timing | None:
    """When the contact was held, by the day it happened, not the day it was written down; None where it was not."""
    if outcome.kind is not OutcomeKind.DONE:
        return None
    if outcome.on < window.opens_on:
        return Timing.EARLY
    return Timing.ON_TIME if outcome.on <= window.due_on else Timing.LATE


def undone(outcomes: Iterable[Outcome], today: date) -> tuple[Outcome, ...]:
    """The outcomes with the standing one taken back; it stays on record. Raises OutcomeRefused where none stands."""
    listed = tuple(outcomes)
    last = current(listed)
    if last is None:
        raise OutcomeRefused(Fault.UNDONE_ALREADY)
    return tuple(replace(each, undone_on=today) if each is last else each for each in listed)


def follow_up_by(referred_on: date) -> date:
    """The last day on which the result of a referral is asked after in time."""
    return referred_on + FOLLOW_UP
