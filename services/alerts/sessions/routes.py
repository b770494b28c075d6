"""HTTP of logging in for programs: minting one-time codes. Only mounted in development."""

from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from services.alerts.state import alerts_of
from shared.auth.caller import Caller
from shared.errors import Fault, Invalid, Text
from shared.sessions.routes import Administrator, CodeMinted, Subject, minted
from shared.written import CallerFirst

router = APIRouter(tags=["login"], route_class=CallerFirst)

NO_FACILITY = Text("is not a provisioned facility", "不是已登记的机构")


class CodeWanted(BaseModel):
    """Whom the code lets in: care staff of a facility, and nobody else."""

    model_config = ConfigDict(extra="forbid", strict=True)
    subject: Subject
    facility: str
    roles: Annotated[list[Literal["care-worker", "supervisor"]], Field(min_length=1, max_length=2)]


@router.post("/v1/login-codes", status_code=201)
async def mint(request: Request, wanted: CodeWanted, _caller: Administrator) -> CodeMinted:
    """Mint a code that logs one person in once, within five minutes."""
    alerts = alerts_of(request)
    if alerts.facilities.get(wanted.facility) is None:
        raise Invalid(faults=[Fault("/facility", NO_FACILITY)])
    nurse = Caller(
        wanted.subject, department="health", roles=frozenset(wanted.roles), purpose="care", facility=wanted.facility
    )
    return await minted(request, nurse, alerts.service.settings.alerts_url)
