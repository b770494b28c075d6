"""birth.certified: a health facility certifies a live birth."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from shared.contracts.values import AreaCode, Day, Number, Payload, Person, SexField, Text, Value
from shared.errors_text import RuleBroken


class Child(Value):
    """The child as certified: no identity number yet; the certificate number identifies the record."""

    name: Text | None = None
    sex: SexField
    birth_date: Day


class BirthPlace(Value):
    """The facility that certified the birth and its area."""

    facility: Number
    area: AreaCode


class BirthCertified(Payload):
    """A live birth. `help_requested`: the mother asked for help with registering the child; false opens nothing."""

    child: Child
    mother: Person
    father: Person | None = None
    place: BirthPlace
    certificate_number: Number
    help_requested: Annotated[bool, Field(description="The mother asked for help with birth registration.")]

    @model_validator(mode="after")
    def effective_on_is_the_birth_date(self) -> Self:
        """A birth takes effect on the day of birth."""
        if self.effective_on != self.child.birth_date:
            raise RuleBroken("must take effect on the child's birth date", "生效日期必须为出生日期")
        return self
