"""What each type of vital event can change of a person, in words of the closed list. Everything else that an event says
stays with its reporter, for whom it opens a case. A test holds it against the fold."""

from collections.abc import Mapping

from shared.sharing.fields import FieldName

# What a source record says. Public security is heard first; health where public security has said nothing.
RECORD: frozenset[FieldName] = frozenset({"name", "sex", "birth_date", "identity_number"})
REGISTERED: frozenset[FieldName] = frozenset({"registered_area", "household_number", "relation_to_head", "residence"})
COUPLE: frozenset[FieldName] = frozenset({"civil_status", "spouse"})
PARENTS: frozenset[FieldName] = frozenset({"mother", "father"})
DEATH: frozenset[FieldName] = frozenset({"died_on"})
STAY: frozenset[FieldName] = frozenset({"current_area"})
NOTHING: frozenset[FieldName] = frozenset()

CHANGES: Mapping[str, frozenset[FieldName]] = {
    "household.registered": RECORD | REGISTERED,
    "household.cancelled": REGISTERED,
    "birth.certified": (RECORD - {"identity_number"}) | PARENTS,
    "marriage.registered": COUPLE,
    "marriage.dissolved": COUPLE,
    "migration.departed": REGISTERED,
    "migration.arrived": RECORD | REGISTERED,
    "residence.registered": RECORD | STAY,
    "residence.ended": STAY,
    "identity.changed": RECORD,
    # Who has died lives nowhere else.
    "death.certified": DEATH | STAY,
    # Who the adopters are is told to nobody (protection rule 12).
    "adoption.registered": NOTHING,
    "dwelling.registered": NOTHING,
    "tenancy.registered": NOTHING,
    "tenancy.ended": NOTHING,
    "enrolment.registered": NOTHING,
    "enrolment.ended": NOTHING,
    "insurance.enrolled": NOTHING,
    "insurance.ended": NOTHING,
    "business.registered": NOTHING,
    "business.closed": NOTHING,
    "entitlement.granted": NOTHING,
    "entitlement.ended": NOTHING,
    "payment.made": NOTHING,
}
