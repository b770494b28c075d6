"""marriage.registered and marriage.dissolved: civil affairs registers a marriage, and its end."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from shared.contracts.values import Number, Payload, Person
from shared.errors_text import RuleBroken


class Couple(Payload):
    """Two spouses, in no order of meaning, and the number of the certificate."""

    spouses: Annotated[list[Person], Field(min_length=2, max_length=2)]
    certificate_number: Number

    @model_validator(mode="after")
    def spouses_are_two_people(self) -> Self:
        """One identifier cannot name both spouses."""
        first, second = ({(i.type, i.issuer, i.value.upper()) for i in p.identifiers} for p in self.spouses)
        if first & second:
            raise RuleBroken("must be two people: an identifier stands with both", "双方不得使用同一证件号")
        return self


class MarriageRegistered(Couple):
    """Both spouses, in no order of meaning. A marriage starts nothing else (protection rule 2)."""


class MarriageDissolved(Couple):
    """The marriage of these two has ended by divorce. It says nothing of why, and ends nothing else."""
