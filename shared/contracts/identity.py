"""identity.changed: public security corrects by law who a person is said to be."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from shared.contracts.values import Day, Identifier, Number, Payload, Person, SexField, Text, Value
from shared.errors_text import RuleBroken


class Becomes(Value):
    """What stands from now on, whatever anyone else states. `identifiers`: new numbers, where numbers change."""

    identifiers: Annotated[list[Identifier], Field(min_length=1, max_length=4)] | None = None
    name: Text
    sex: SexField
    birth_date: Day


class IdentityChanged(Payload):
    """`person` as known before, and what it becomes. The only event by which one person may come to have two resident
    identity numbers: the old one still finds the person, the new one stands."""

    person: Person
    becomes: Becomes
    decision_number: Number

    @model_validator(mode="after")
    def one_number_replaces_one(self) -> Self:
        """A person has one resident identity number before, and one after."""
        for identifiers in (self.person.identifiers, self.becomes.identifiers or ()):
            if sum(each.type == "resident-identity-number" for each in identifiers) > 1:
                raise RuleBroken(
                    "may hold one resident identity number before and one after", "变更前后各限一个公民身份号码"
                )
        return self
