"""When an access is worth a second look. Pure. A rule flags; it blocks nothing and judges nobody.

No rule knows anything about a person but who they are to the official, and where both are registered.
"""

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from services.registry.facts.state import PersonState

Rule = Literal[
    "own-record",
    "same-household",
    "same-address",
    "colleague",
    "outside-areas",
    "many-in-an-hour",
    "many-in-a-day",
    "without-case",
    "same-person-again",
    "break-glass",
]
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
LOOKS_BACK: Final = DAY
"""So long before an access others still count with it."""


@dataclass(frozen=True)
class Limits:
    """Distinct people in an hour and in a day, people in a day on whom the department has reported nothing, and
    accesses to one person in a day: more than so many are flagged."""

    people_an_hour: int
    people_a_day: int
    without_case_a_day: int
    one_person_a_day: int


@dataclass(frozen=True)
class Access:
    """One entry of the access log, of an official about a person. `without_case`: their department has reported
    nothing on this person that counts."""

    access_id: UUID
    at: datetime
    department: str
    subject: str
    person: UUID
    without_case: bool


@dataclass(frozen=True)
class Official:
    """An official who is known as a person. `areas`: theirs, empty for all."""

    person: UUID
    areas: tuple[str, ...]
    state: PersonState


@dataclass(frozen=True)
class Flag:
    """A rule noticed an access."""

    rule: Rule
    access: Access


def close(access: Access, official: Official, seen: PersonState) -> Iterator[Flag]:
    """Who the person is to the official. A collective household is no home that people share by choice; it is passed.

    The address is the area and household of the register: the same one at any time of both, where it is not now."""
    if access.person == official.person:
        yield Flag("own-record", access)
    elif _home(official.state) is not None and _home(official.state) == _home(seen):
        yield Flag("same-household", access)
    elif _addresses(official.state) & _addresses(seen):
        yield Flag("same-address", access)
    if official.areas and seen.registered_area and not seen.registered_area.startswith(official.areas):
        yield Flag("outside-areas", access)


def many(accesses: Sequence[Access], limits: Limits) -> Iterator[Flag]:
    """What one official did within an hour or a day, in order of time. Each rule speaks at the first access beyond its
    limit, and at each later one; whoever stores flags keeps one a day."""
    yield from _beyond("many-in-an-hour", accesses, HOUR, limits.people_an_hour)
    yield from _beyond("many-in-a-day", accesses, DAY, limits.people_a_day)
    unreported = [access for access in accesses if access.without_case]
    yield from _beyond("without-case", unreported, DAY, limits.without_case_a_day)
    by_person: dict[UUID, list[Access]] = {}
    for access in accesses:
        again = by_person.setdefault(access.person, [])
        again.append(access)
        if sum(access.at - each.at < DAY for each in again) > limits.one_person_a_day:
            yield Flag("same-person-again", access)


def _beyond(rule: Rule, accesses: Sequence[Access], span: timedelta, limit: int) -> Iterator[Flag]:
    """More than `limit` distinct people within a span."""
    within: deque[Access] = deque()
    people: Counter[UUID] = Counter()
    for access in accesses:
        within.append(access)
        people[access.person] += 1
        while access.at - within[0].at >= span:
            gone = within.popleft().person
            people[gone] -= 1
            if not people[gone]:
                del people[gone]
        if len(people) > limit:
            yield Flag(rule, access)


def _home(state: PersonState) -> tuple[str | None, str] | None:
    if state.household_number is None or state.household_kind == "collective":
        return None
    return (state.registered_area, state.household_number)


def _addresses(state: PersonState) -> set[tuple[str, str]]:
    return {(each.area, each.household) for each in state.residencies if each.household and each.kind != "collective"}
