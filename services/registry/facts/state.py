"""A person's state, and how two states are compared: by an observer of the registry, and by a receiver of changes."""

from collections.abc import Hashable, Mapping
from datetime import date
from typing import TypeVar

import msgspec

from services.registry.facts.values import Mention, NamedNumber
from shared.sharing.fields import FIELDS

RESIDENT, DEPARTED = "resident", "departed"
MARRIED, DIVORCED, WIDOWED, UNSPECIFIED = "married", "divorced", "widowed", "unspecified"


class Residency(msgspec.Struct, frozen=True, array_like=True):
    """Where a person counted from `since` on, up to but without `until` (None: still)."""

    area: str
    household: str | None
    relation: str | None
    since: date
    until: date | None = None
    kind: str | None = None


class PersonState(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is known of a person at one point of both time axes. Relatives are mentions; None means nobody has said.

    `mother` and `father` are as the birth was certified, and an adoption changes neither: what others are told of a
    person must not tell of it (protection rule 12). Who adopted stands apart, and in no field that is disclosed.
    `registered`: somebody has entered the person in a household register. A cancelled entry does not take it back: who
    moved away or died is still somebody the register knows. One that was annulled or corrected away does.
    """

    name: str | None = None
    sex: str | None = None
    birth_date: date | None = None
    identity_number: str | None = None
    other_identifiers: tuple[NamedNumber, ...] = ()
    residence: str | None = None
    registered_area: str | None = None
    household_number: str | None = None
    household_kind: str | None = None
    relation_to_head: str | None = None
    died_on: date | None = None
    civil_status: str = UNSPECIFIED
    spouse: Mention | None = None
    mother: Mention | None = None
    father: Mention | None = None
    adopted: bool = False
    adoptive_mother: Mention | None = None
    adoptive_father: Mention | None = None
    registered: bool = False
    help_asked: bool = False
    help_mother: Mention | None = None
    residencies: tuple[Residency, ...] = ()
    current_area: str | None = None


UNKNOWN_PERSON = PersonState()
"""The state of somebody about whom no living fact says anything."""

RELATIVES = ("spouse", "mother", "father", "adoptive_mother", "adoptive_father", "help_mother")
"""Fields that hold a mention of another person."""


PersonId = TypeVar("PersonId", bound=Hashable)


def canonical(
    states: Mapping[PersonId, PersonState], person_of: Mapping[Mention, PersonId]
) -> dict[Mention, PersonState]:
    """Name people, and the relatives in their states, by their smallest source record: what two registries that saw the
    same events must agree on. `person_of` says to whom each source record is linked."""
    names: dict[PersonId, Mention] = {}
    for mention in sorted(person_of, reverse=True):
        names[person_of[mention]] = mention
    return {
        names[person]: msgspec.structs.replace(
            state, **{field: _name_of(getattr(state, field), names, person_of) for field in RELATIVES}
        )
        for person, state in states.items()
    }


def changed_fields(
    before: PersonState | None, after: PersonState, person_of: Mapping[Mention, Hashable] | None = None
) -> tuple[str, ...]:
    """The fields of the closed list (shared/sharing/fields.py) that differ. With `person_of`, a relative whose source
    record was corrected but who is still the same person has not changed."""
    old = before or UNKNOWN_PERSON
    people: Mapping[Mention, Hashable] = person_of or {}

    def differs(field: str) -> bool:
        was, now = getattr(old, field), getattr(after, field)
        return was != now and not (field in RELATIVES and people.get(was, was) == people.get(now, now))

    return tuple(field for field in FIELDS if differs(field))


def _name_of(
    relative: Mention | None, names: Mapping[PersonId, Mention], person_of: Mapping[Mention, PersonId]
) -> Mention | None:
    return names[person_of[relative]] if relative is not None and relative in person_of else relative
