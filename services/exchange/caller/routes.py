"""GET /v1/caller: what a department's system is known as here, so that nobody has to configure it twice."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from shared.auth.caller import Caller
from shared.auth.require import require
from shared.contracts.catalogue import CATALOGUE
from shared.sharing.departments import Departments
from shared.sharing.words import Words

router = APIRouter(tags=["caller"])

Staff = Annotated[Caller, Depends(require("reporter", "follower", "clerk", "reviewer", department=True))]


class Known(BaseModel):
    """The caller as its token and provisioning say; never who the person is."""

    department: str
    title: Words
    roles: list[str]
    purpose: str | None
    areas: Annotated[list[str], Field(description="The only areas the token is for; empty: everywhere.")]
    sources: Annotated[list[str], Field(description="The systems that may report for the department.")]
    types: Annotated[list[str], Field(description="The event types that the department may report.")]
    kafka: Annotated[bool, Field(description="Whether it has topics of its own.")]


@router.get("/v1/caller", summary="What the caller is known as")
async def caller(request: Request, caller: Staff) -> Known:
    """Department, roles, sources and types of the caller's token."""
    departments: Departments = request.app.state.departments
    department = departments.get(caller.department or "")
    return Known(
        department=department.name,
        title=department.title,
        roles=sorted(caller.roles),
        purpose=caller.purpose,
        areas=sorted(caller.areas),
        sources=department.sources,
        types=sorted(name for name, entry in CATALOGUE.items() if department.name in entry.reporters),
        kafka=department.kafka,
    )
