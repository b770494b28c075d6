"""Values of the closed lists, for provisioned models: departments, purposes, identifiers of agreements."""

from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from shared.auth.caller import DEPARTMENTS, PURPOSES


def _department(name: str) -> str:
    if name not in DEPARTMENTS:
        raise ValueError("is none of the ten departments")
    return name


def _purpose(purpose: str) -> str:
    if purpose not in PURPOSES:
        raise ValueError("is not in the closed list of purposes (protection rule 6)")
    return purpose


DepartmentName = Annotated[str, AfterValidator(_department)]
Purpose = Annotated[str, AfterValidator(_purpose)]
AgreementId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
