"""dwelling.registered, tenancy.registered and tenancy.ended: housing registers dwellings and who occupies them."""

from typing import Annotated

from pydantic import AfterValidator, Field

from shared.contracts.values import AreaCode, Number, Payload, Person, Value
from shared.errors_text import RuleBroken


class Dwelling(Value):
    """A dwelling by the number of the housing register, and its area."""

    number: Number
    area: AreaCode


def different_people(occupants: list[Person]) -> list[Person]:
    """One identifier cannot name two occupants."""
    said = [{(i.type, i.issuer, i.value.upper()) for i in each.identifiers} for each in occupants]
    if len(set().union(*said)) != sum(map(len, said)):
        raise RuleBroken("must be different people: an identifier stands with two", "居住人不得使用同一证件号")
    return occupants


Occupants = Annotated[list[Person], Field(min_length=1, max_length=20), AfterValidator(different_people)]


class DwellingRegistered(Payload):
    """A dwelling, and who occupies it where that is registered. Without occupants it is about nobody."""

    dwelling: Dwelling
    occupants: Occupants | None = None


class Tenancy(Payload):
    """A tenancy by its contract number: the dwelling and those who occupy it."""

    contract_number: Number
    dwelling: Dwelling
    occupants: Occupants


class TenancyRegistered(Tenancy):
    """The tenancy begins. Who lives in a dwelling says nothing about how they are related."""


class TenancyEnded(Tenancy):
    """The tenancy has ended for these occupants."""
