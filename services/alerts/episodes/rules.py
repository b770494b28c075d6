"""When the end of a consent is told to whoever cares for her. Pure."""

from datetime import date, timedelta
from enum import StrEnum

WARNED = timedelta(days=30)  # so long before its last day a consent is said to end: time to ask her again


class Ends(StrEnum):
    """What is told: that a consent ends within thirty days, and that today is its last day."""

    SOON = "consent-ends-soon"
    TODAY = "consent-ends-today"


def steps(until: date) -> list[tuple[date, Ends]]:
    """The days on which the end of a consent is told. `until`: its last day."""
    return [(until - WARNED, Ends.SOON), (until, Ends.TODAY)]


def next_step(until: date, after: date) -> date | None:
    """The first of these days after another one; None where there is none any more. Of a consent that was given or
    renewed on `after`, what lay before was never to be told."""
    return next((day for day, _ in steps(until) if day > after), None)


def to_tell(until: date, since: date, today: date) -> list[tuple[date, Ends]]:
    """What came from `since` on up to today, in order."""
    return [(day, kind) for day, kind in steps(until) if since <= day <= today]
