"""residence.registered and residence.ended: living away from the registered household."""

from shared.contracts.values import AreaCode, Day, Number, Payload, Person, Text, Value


class CurrentAddress(Value):
    """Where the person lives now: the area, and the address as far as the register needs it."""

    area: AreaCode
    address: Text | None = None


class ResidenceRegistered(Payload):
    """The person lives elsewhere for a while; the household registration stays as it is. `expected_until`: the day up
    to which the stay is expected; it ends nothing by itself."""

    person: Person
    registration_number: Number
    current: CurrentAddress
    expected_until: Day | None = None


class ResidenceEnded(Payload):
    """The stay of that registration number has ended."""

    person: Person
    registration_number: Number
