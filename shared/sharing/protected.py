"""What is withheld of a protected person from everyone but the authority that protects them (protection rule 12).

The one list of such fields, and the one rule of who is such an authority.
"""

from collections.abc import Collection

from shared.sharing.fields import FieldName

WITHHELD: frozenset[FieldName] = frozenset(
    {"registered_area", "household_number", "relation_to_head", "residence", "current_area"}
)
"""Where somebody lives, with whom, and whether they have left: each of them helps to find a person who hides."""


def withheld_from(department: str, protected_by: Collection[str]) -> bool:
    """Whether the fields of a person whom these departments protect are withheld from a department."""
    return bool(protected_by) and department not in protected_by
