"""Who is meant by an identifier. Pure."""

from services.registry.facts.state import PersonState
from services.registry.facts.values import RESIDENT_NUMBER, NamedNumber


def holds(state: PersonState, number: NamedNumber) -> bool:
    """Whether living facts give the person this identifier."""
    return number in state.other_identifiers or (
        number.type == RESIDENT_NUMBER and number.value == state.identity_number
    )
