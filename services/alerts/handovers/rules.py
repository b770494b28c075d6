"""The life of an offer: what may follow what, when it waits too long, when a stay is over. Pure.

asking → offered → accepted (→ returned, for a stay) | declined; asking and offered → withdrawn. `asking`: only the
facility on duty knows of it, for she has not agreed yet that this other facility has her record (Personal Information
Protection Law, Art. 23: the recipient by name, and a consent of its own).
"""

from datetime import date, timedelta
from enum import StrEnum

ESCALATES_AFTER = timedelta(days=7)  # so long a facility may leave an offer unanswered before supervisors see it


class State(StrEnum):
    """Where an offer stands."""

    ASKING = "asking"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    RETURNED = "returned"


OPEN = frozenset({State.ASKING, State.OFFERED})
FOLLOWING: dict[State, frozenset[State]] = {
    State.ASKING: frozenset({State.OFFERED, State.WITHDRAWN}),
    State.OFFERED: frozenset({State.ACCEPTED, State.DECLINED, State.WITHDRAWN}),
    State.ACCEPTED: frozenset({State.RETURNED}),
    State.DECLINED: frozenset(),
    State.WITHDRAWN: frozenset(),
    State.RETURNED: frozenset(),
}


def may_become(now: State, wanted: State) -> bool:
    """Whether an offer may change so. What was decided stays decided."""
    return wanted in FOLLOWING[now]


def already(now: State, wanted: State) -> bool:
    """Whether the same was decided before: saying it again changes nothing. A stay that is over was accepted."""
    return now is wanted or (wanted is State.ACCEPTED and now is State.RETURNED)


def waits_too_long(state: State, since: date, today: date) -> bool:
    """Whether supervisors are shown that an offer made that day is still open."""
    return state in OPEN and today > since + ESCALATES_AFTER


def escalated_before(today: date) -> date:
    """Offers made before this day wait too long."""
    return today - ESCALATES_AFTER


def returns(state: State, until: date | None, today: date) -> bool:
    """Whether the duty goes back today: the last day of a stay has passed."""
    return state is State.ACCEPTED and until is not None and today > until
