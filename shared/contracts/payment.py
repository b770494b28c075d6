"""payment.made: finance has paid what a person is entitled to."""

from typing import Annotated, ClassVar, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from shared.contracts.values import Day, EventReference, Payload, Person, Value
from shared.errors_text import RuleBroken

# Text, for no float equals 3600.10; each sum has one written form, so that equal payments have equal digests.
Amount = Annotated[
    str,
    StringConstraints(pattern=r"^([1-9][0-9]{0,9}\.[0-9]{2}|0\.[1-9][0-9]|0\.0[1-9])$"),
    Field(description="Renminbi (CNY) with two decimal places, such as 3600.00."),
]


class Period(Value):
    """The days a payment is for; `until` is the last one."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True, frozen=True, serialize_by_alias=True)

    since: Annotated[Day, Field(alias="from")]
    until: Day

    @model_validator(mode="after")
    def runs_forwards(self) -> Self:
        """A period has at least one day."""
        if self.until < self.since:
            raise RuleBroken("must not end before it begins", "结束日期不得早于开始日期")
        return self


class PaymentMade(Payload):
    """Paid on `effective_on` to the person, under the entitlement that its `entitlement.granted` opened."""

    person: Person
    entitlement: EventReference
    period: Period
    amount: Amount
