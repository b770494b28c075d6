"""The facility on duty for an area: the one with the longest matching prefix. Pure."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, StringConstraints

from shared.sharing.provisioning import read

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

Prefix = Annotated[str, StringConstraints(pattern=r"^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})$")]


class Facility(BaseModel):
    """A health facility and the area prefixes it serves."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)

    code: Annotated[str, StringConstraints(pattern=rf"^{CODE.pattern}$")]
    zh: str
    en: str
    serves: tuple[Prefix, ...]


class _File(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")
    facilities: list[Facility]


class Facilities:
    """All provisioned facilities."""

    def __init__(self, facilities: Sequence[Facility]) -> None:
        self._by_code = {facility.code: facility for facility in facilities}
        self._by_prefix = {prefix: facility.code for facility in facilities for prefix in facility.serves}
        if len(self._by_code) != len(facilities):
            raise ValueError("a facility code stands twice")
        if len(self._by_prefix) != sum(len(facility.serves) for facility in facilities):
            raise ValueError("two facilities serve the same prefix")

    @classmethod
    def load(cls, path: Path) -> "Facilities":
        """Read `facilities.yaml`. Raises ValueError (ProvisioningRefused names the place) for one that is not sound."""
        return cls(read(_File, path).facilities)

    @property
    def codes(self) -> list[str]:
        """Every code, sorted."""
        return sorted(self._by_code)

    def get(self, code: str | None) -> Facility | None:
        """The facility of this code, None where it is not provisioned."""
        return self._by_code.get(code) if code else None

    def on_duty(self, area: str | None) -> str | None:
        """The code of the facility for an area; None where nobody serves it, or the area is not known."""
        for length in (12, 9, 6, 4, 2) if area else ():
            if area and len(area) >= length and (code := self._by_prefix.get(area[:length])):
                return code
        return None
