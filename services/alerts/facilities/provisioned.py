"""The first staff of a facility, from staff.yaml: somebody has to be there who lists the others. Pure."""

from datetime import date
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.alerts.facilities.duty import Facilities
from shared.sharing.provisioning import ProvisioningRefused, read

FILE = "staff.yaml"


class FirstStaff(BaseModel):
    """A worker who is listed when the service starts, unless they were listed before."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)

    facility: str
    subject: str = Field(pattern=r"^\S(.{0,254}\S)?$")
    role: Literal["care-worker", "supervisor"] = "supervisor"
    clinician: bool = False
    begins: date | None = Field(default=None, alias="from")
    until: date | None = None


class _File(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")
    staff: list[FirstStaff]


def first_staff(folder: Path, facilities: Facilities) -> list[FirstStaff]:
    """Read staff.yaml; none where there is no such file. Raises ProvisioningRefused, naming the place."""
    if not (folder / FILE).exists():
        return []
    staff = read(_File, folder / FILE).staff
    faults = [
        (f"/staff/{place}/facility", "is not a provisioned facility")
        for place, each in enumerate(staff)
        if facilities.get(each.facility) is None
    ]
    if faults:
        raise ProvisioningRefused(FILE, faults)
    return staff
