"""Which department is the authority for which attribute: data, in order of precedence."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.sharing.closed import DepartmentName
from shared.sharing.fields import FIELDS, FieldName
from shared.sharing.provisioning import read

FILE = "authorities.yaml"


class Authorities(BaseModel):
    """Per attribute the departments that may state it. The first one is its registering authority; the others are
    heard, in that order, where the first has said nothing."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    authorities: Mapping[FieldName, Annotated[list[DepartmentName], Field(min_length=1)]]

    @model_validator(mode="after")
    def every_field_has_its_own(self) -> Self:
        """An attribute without an authority could be contradicted by anyone."""
        missing = [name for name in FIELDS if name not in self.authorities]
        if missing:
            raise ValueError(f"no authority is named for {', '.join(missing)}")
        if any(len(set(order)) != len(order) for order in self.authorities.values()):
            raise ValueError("a department stands twice in the order of one attribute")
        return self

    @classmethod
    def load(cls, provisioning: Path) -> Self:
        """Read authorities.yaml in the provisioning folder. Raises ProvisioningRefused."""
        return read(cls, provisioning / FILE)

    def by_attribute(self) -> dict[str, list[str]]:
        """The whole order, attribute by attribute, as the fold reads it."""
        return {name: list(order) for name, order in self.authorities.items()}

    def registering(self, name: FieldName) -> DepartmentName:
        """The registering authority of an attribute."""
        return self.authorities[name][0]

    def precedence(self, name: FieldName, department: str) -> int | None:
        """0 for the registering authority, 1 for the next, …; None for a department that may not state it."""
        order = self.authorities[name]
        return order.index(department) if department in order else None
