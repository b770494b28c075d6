"""migration.departed and migration.arrived: the two halves of a move, matched by permit number."""

from shared.contracts.values import AreaCode, Household, Number, Payload, Person


class MigrationDeparted(Payload):
    """The person left the register of `from_area`; between the halves they count at the departure."""

    person: Person
    permit_number: Number
    from_area: AreaCode
    to_area: AreaCode


class MigrationArrived(Payload):
    """The person entered a household of `to_area`."""

    person: Person
    permit_number: Number
    from_area: AreaCode
    to_area: AreaCode
    household: Household
