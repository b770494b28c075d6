"""The ten departments as provisioned: their titles, the systems they report from, and how they are fed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from shared.auth.caller import DEPARTMENTS
from shared.sharing.closed import DepartmentName
from shared.sharing.provisioning import read
from shared.sharing.words import Words

FILE = "departments.yaml"

SourceUrn = Annotated[str, StringConstraints(pattern=r"^urn:tenfold:[a-z-]+:[a-z0-9]+(-[a-z0-9]+)*$")]


class Department(BaseModel):
    """One department. `sources`: the URNs of its reporting systems, urn:tenfold:<department>:<system>.

    `feed`: whether it follows its own feed; `kafka`: whether it reports and follows over Kafka as well.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    name: DepartmentName
    title: Words
    sources: list[SourceUrn]
    feed: bool
    kafka: bool

    @model_validator(mode="after")
    def sources_are_its_own(self) -> Self:
        """The URN names the department: no department can be provisioned with another's system."""
        if any(not source.startswith(f"urn:tenfold:{self.name}:") for source in self.sources):
            raise ValueError(f"sources of {self.name} begin with urn:tenfold:{self.name}:")
        return self


class Departments(BaseModel):
    """All ten departments."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    departments: Annotated[list[Department], Field(min_length=1)]

    @model_validator(mode="after")
    def all_ten_once(self) -> Self:
        """The list is closed: each department stands in it once, and each source belongs to one."""
        names = [department.name for department in self.departments]
        if sorted(names) != sorted(DEPARTMENTS):
            raise ValueError("the ten departments are listed once each")
        sources = [source for department in self.departments for source in department.sources]
        if len(set(sources)) != len(sources):
            raise ValueError("a source is listed twice")
        return self

    @classmethod
    def load(cls, provisioning: Path) -> Self:
        """Read departments.yaml in the provisioning folder. Raises ProvisioningRefused."""
        return read(cls, provisioning / FILE)

    def all(self) -> Iterator[Department]:
        """Every department, in the order of the file."""
        return iter(self.departments)

    def get(self, name: str) -> Department:
        """The department of that name. Raises KeyError."""
        return {department.name: department for department in self.departments}[name]

    def owner_of(self, source: str) -> str | None:
        """The department that a source URN is provisioned for."""
        return next((each.name for each in self.departments if source in each.sources), None)
