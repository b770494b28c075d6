"""household.registered: the household register enters a person."""

from shared.contracts.values import Household, Payload, Person


class HouseholdRegistered(Payload):
    """First registration or settling. A newborn's carries its new identity number beside its birth certificate."""

    person: Person
    household: Household
