"""All sharing agreements of the city: loaded, judged alone and together, and asked for."""

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field

from shared.auth.caller import DEPARTMENTS
from shared.sharing.agreement import Agreement
from shared.sharing.authorities import Authorities
from shared.sharing.provisioning import ProvisioningRefused, read
from shared.sharing.refusals import AgreementRefused, refuse_for_authority, refuse_together

__all__ = ["Agreement", "Agreements"]

FOLDER = "agreements"


class _File(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True, frozen=True)

    agreements: Annotated[list[Agreement], Field(min_length=1)]


class Agreements:
    """All agreements of the city, each judged alone, against the authorities, and together with the others."""

    def __init__(self, agreements: Iterable[Agreement], authorities: Authorities) -> None:
        """Raises AgreementRefused."""
        self._agreements = tuple(agreements)
        self.authorities = authorities
        for agreement in self._agreements:
            refuse_for_authority(agreement, authorities)
        refuse_together(self._agreements)

    def __iter__(self) -> Iterator[Agreement]:
        return iter(self._agreements)

    def for_(self, department: str, purpose: str | None, on: date) -> list[Agreement]:
        """The agreements in force on that day for a receiver and a purpose; purpose None means every purpose."""
        return applying(self._agreements, department, purpose, on)

    @classmethod
    def load(cls, provisioning: Path) -> Self:
        """Read agreements/<department>.yaml for all ten and authorities.yaml in the provisioning folder.

        Raises ProvisioningRefused, naming file and pointer; a department without a file is refused too.
        """
        authorities = Authorities.load(provisioning)
        found = sorted((provisioning / FOLDER).glob("*.y*ml"))
        expected = {f"{department}.yaml" for department in DEPARTMENTS}
        unlike = sorted(expected.symmetric_difference(path.name for path in found))
        if unlike:
            raise ProvisioningRefused(FOLDER, [(f"/{name}", "one file per department is required") for name in unlike])
        agreements = [agreement for path in found for agreement in _of_one_file(path, authorities)]
        try:
            return cls(agreements, authorities)
        except AgreementRefused as fault:
            raise ProvisioningRefused(FOLDER, [("", str(fault))]) from None


def applying(agreements: Iterable[Agreement], department: str, purpose: str | None, on: date) -> list[Agreement]:
    """Those in force on that day for a receiver and a purpose; purpose None means every purpose."""
    return [
        agreement
        for agreement in agreements
        if agreement.department == department and purpose in (None, agreement.purpose) and agreement.in_force(on)
    ]


def _of_one_file(path: Path, authorities: Authorities) -> list[Agreement]:
    """Judge the file's agreements here, so that a refusal names the file and the place in it."""
    agreements = read(_File, path).agreements
    for place, agreement in enumerate(agreements):
        pointer = f"/agreements/{place}"
        if agreement.department != path.stem:
            raise ProvisioningRefused(path.name, [(f"{pointer}/department", "a file holds its own department's only")])
        try:
            refuse_for_authority(agreement, authorities)
        except AgreementRefused as fault:
            raise ProvisioningRefused(path.name, [(pointer, str(fault))]) from None
    return agreements
