"""What people are told apart by: a small part of their state, and nothing of their health or money. Pure."""

from datetime import date

import msgspec

from services.registry.facts.state import PersonState
from services.registry.facts.values import RESIDENT_NUMBER, NamedNumber


class Description(msgspec.Struct, frozen=True):
    """One person, or one source record, as they are compared. What nobody has said is empty or None.

    `sex` as in events: male, female, or anything else for not known. `mother` and `father` are full names; `area` is
    where the person is registered or lives."""

    name: str = ""
    sex: str | None = None
    birth_date: date | None = None
    numbers: tuple[NamedNumber, ...] = ()
    mother: str | None = None
    father: str | None = None
    area: str | None = None

    def __repr__(self) -> str:
        return "Description(…)"


def describe(state: PersonState, *, mother: str | None = None, father: str | None = None) -> Description:
    """Describe a person. The parents' names are the caller's to look up: a state holds mentions of them only."""
    resident = () if state.identity_number is None else (NamedNumber(RESIDENT_NUMBER, state.identity_number),)
    return Description(
        name=state.name or "",
        sex=state.sex,
        birth_date=state.birth_date,
        numbers=(*resident, *state.other_identifiers),
        mother=mother,
        father=father,
        area=state.registered_area or state.residence,
    )
