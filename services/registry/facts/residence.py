"""Where a person counts: registrations and the two halves of moves, gone through in fact order. Part of the fold."""

from collections.abc import Iterable, Sequence
from datetime import date

import msgspec

from services.registry.facts.state import DEPARTED, RESIDENT, Residency
from services.registry.facts.values import Fact, HouseholdEntry


class Place(msgspec.Struct):
    """Where the person counts while the facts are gone through."""

    residence: str | None = None
    area: str | None = None
    household: HouseholdEntry | None = None


def residence(ordered: Sequence[Fact], died_on: date | None) -> tuple[Place, tuple[Residency, ...]]:
    """Give the last place and all residencies, up to the death.

    Departed then arrived with one permit is one move: between the halves the person counts at the departure, and a
    departure that takes effect after its own arrival moves nobody. A cancellation ends the registration it names, and
    none in another household.
    """
    place = Place()
    residencies: list[Residency] = []
    arrived: set[str | None] = set()
    for fact in ordered:
        body = fact.body
        if body.household is not None:
            place.residence, place.area, place.household = RESIDENT, body.household.area, body.household
            arrived.add(body.permit)
        elif fact.type == "migration.departed" and body.permit not in arrived:
            place.residence = DEPARTED
            _count_at_departure(place, body.from_area or "")
        elif body.cancelled is not None and (place.household is None or place.household.number == body.cancelled):
            place = Place()
            _close(residencies, fact.effective_on)
            continue
        else:
            continue
        _extend(residencies, place, fact.effective_on)
    return place, _until_death(residencies, died_on)


def current_area(ordered: Sequence[Fact], died_on: date | None) -> str | None:
    """Where the person lives away from the registered household, apart from where they count: the area of the latest
    stay that has not ended. The day up to which a stay was expected ends nothing: the register does."""
    stays: dict[str | None, str | None] = {}
    for fact in ordered:
        if fact.type == "residence.registered":
            stays.pop(fact.body.stay, None)
            stays[fact.body.stay] = fact.body.current_area
        elif fact.type == "residence.ended":
            stays.pop(fact.body.stay, None)
    return next(reversed(stays.values()), None) if died_on is None else None


def _count_at_departure(place: Place, from_area: str) -> None:
    """The person counts where they left. A village already known inside the county they left is kept: it says more."""
    known = place.area or ""
    if known.startswith(from_area):
        return
    place.area = from_area
    if not (known and from_area.startswith(known)):
        place.household = None


def _extend(residencies: list[Residency], place: Place, since: date) -> None:
    """Open a residency where the place differs from the last one, which ends there."""
    household = place.household
    number, relation, kind = (household.number, household.relation, household.kind) if household else (None, None, None)
    opened = Residency(place.area or "", number, relation, since, kind=kind)
    if residencies:
        last = residencies[-1]
        if msgspec.structs.replace(last, since=since) == opened:
            return
        _close(residencies, since)
    residencies.append(opened)


def _close(residencies: list[Residency], until: date) -> None:
    """End the last residency, where it has not ended already."""
    if residencies and residencies[-1].until is None:
        residencies[-1] = msgspec.structs.replace(residencies[-1], until=until)


def _until_death(residencies: Iterable[Residency], died_on: date | None) -> tuple[Residency, ...]:
    """Leave out what lasted no day; death ends the last one."""
    ended = (_ended_by(died_on, stay) if died_on else stay for stay in residencies)
    return tuple(stay for stay in ended if stay.until is None or stay.since < stay.until)


def _ended_by(died_on: date, stay: Residency) -> Residency:
    return stay if stay.until and stay.until <= died_on else msgspec.structs.replace(stay, until=died_on)
