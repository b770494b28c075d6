"""How well a person agrees with what is looked for: exact before variant before similar. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from services.registry.facts.state import PersonState
from services.registry.identity import comparing

COMPARED: Final = ("name", "birth_date")


class Grade(StrEnum):
    """How much two values agree, the best first."""

    EXACT = "exact"
    VARIANT = "variant"
    SIMILAR = "similar"


ORDER: Final = {grade: place for place, grade in enumerate(Grade)}

# Levels of the comparators (services/registry/identity/comparing.py); what is not named here does not agree.
NAMES: Final[Mapping[str, Grade]] = {
    "exact": Grade.EXACT,
    "variant": Grade.VARIANT,
    "similar": Grade.SIMILAR,
}
BIRTH_DATES: Final[Mapping[str, Grade]] = {
    "exact": Grade.EXACT,
    "january": Grade.EXACT,
    "year": Grade.VARIANT,
    "swapped": Grade.VARIANT,
    "near": Grade.SIMILAR,
}

Why = dict[str, Grade]


def compare(name: str, birth_date: date, state: PersonState) -> Why | None:
    """How name and birth date agree with a person's; None where they do not, or both are merely similar: such people
    are many, and none of them is meant."""
    by_name = NAMES.get(comparing.name(name, state.name) or "")
    by_birth_date = BIRTH_DATES.get(comparing.birth_date(birth_date, state.birth_date) or "")
    if by_name is None or by_birth_date is None or by_name is by_birth_date is Grade.SIMILAR:
        return None
    return {"name": by_name, "birth_date": by_birth_date}


def weakest(why: Why) -> Grade:
    """The grade of a hit: that of what agrees least."""
    return max(why.values(), key=ORDER.__getitem__)


def ranked(hits: Iterable[tuple[UUID, Why]]) -> list[tuple[UUID, Why]]:
    """The best hits first: by what agrees least, then by the name, then by the birth date; among equals by the person,
    so that the order is always the same."""

    def place(hit: tuple[UUID, Why]) -> tuple[object, ...]:
        person, why = hit
        return (ORDER[weakest(why)], *(ORDER[why[field]] for field in COMPARED if field in why), person)

    return sorted(hits, key=place)
