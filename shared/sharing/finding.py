"""By what, and among whom, a department may look for somebody on whom it asks for a case. Pure.

A case must not open a birth to whoever asks (protection rule 2, decision 8): certificate numbers run in sequence, and a
newborn stands in no household register yet. Who certifies births may ask for the people of its own certificates.
"""

from typing import Final

CERTIFIES_BIRTHS: Final = "health"
ONES_OWN: Final = frozenset({"resident-identity-number", "passport"})
"""Identifiers that a person has and shows; they do not run in sequence."""


def may_name_by(department: str, type_: str) -> bool:
    """Whether a department may name the person by an identifier of this type."""
    return department == CERTIFIES_BIRTHS or type_ in ONES_OWN


def may_be_found(department: str, *, registered: bool) -> bool:
    """Whether somebody is found for a department; `registered`: whether they stand in the household register."""
    return registered or department == CERTIFIES_BIRTHS
