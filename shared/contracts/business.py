"""business.registered and business.closed: market supervision registers sole traders."""

from shared.contracts.values import AreaCode, Number, Payload, Person, Value


class Business(Value):
    """A business by its registration number, and its area."""

    number: Number
    area: AreaCode


class BusinessRegistered(Payload):
    """The person trades on their own account from `effective_on`."""

    person: Person
    business: Business


class BusinessClosed(Payload):
    """The business is struck off the register."""

    person: Person
    business: Business
