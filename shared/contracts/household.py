"""household.registered and household.cancelled: the household register enters a person, and strikes one out."""

from shared.contracts.values import Household, Number, Payload, Person


class HouseholdRegistered(Payload):
    """First registration or settling. A newborn's carries its new identity number beside its birth certificate."""

    person: Person
    household: Household


class HouseholdCancelled(Payload):
    """The person's entry in the register of that household is closed; a later registration opens a new one."""

    person: Person
    household_number: Number
