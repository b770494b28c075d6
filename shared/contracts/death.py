"""death.certified: one of three authorities certifies a death."""

from shared.contracts.values import AreaCode, Number, Payload, Person, Value


class DeathPlace(Value):
    """The area in which the person died."""

    area: AreaCode


class DeathCertified(Payload):
    """`effective_on` is the date of death. Reports of several sources about one death are reconciled by the fold."""

    person: Person
    place: DeathPlace | None = None
    certificate_number: Number
