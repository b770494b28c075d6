"""HTTP of logging in for programs: minting one-time codes. Only mounted in development; production uses OIDC."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from services.alerts.sessions.repository import Person
from services.alerts.state import alerts_of
from shared.auth.caller import Caller
from shared.auth.require import require
from shared.errors import Fault, Invalid, Text

router = APIRouter(tags=["login"])

NO_FACILITY = Text("is not a provisioned facility", "不是已登记的机构")


class CodeWanted(BaseModel):
    """Whom the code lets in."""

    model_config = ConfigDict(extra="forbid", strict=True)
    subject: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._@:-]{0,99}$")]
    facility: str
    roles: Annotated[list[Literal["care-worker", "supervisor"]], Field(min_length=1, max_length=2)]


class CodeMinted(BaseModel):
    """A one-time code. It is shown once and kept nowhere in this form."""

    code: str
    expires_at: datetime
    url: str


@router.post("/v1/login-codes", status_code=201)
async def mint(
    request: Request, wanted: CodeWanted, _caller: Annotated[Caller, Depends(require("administrator"))]
) -> CodeMinted:
    """Mint a code that logs one person in once, within five minutes."""
    alerts = alerts_of(request)
    if alerts.facilities.get(wanted.facility) is None:
        raise Invalid(faults=[Fault("/facility", NO_FACILITY)])
    code, until = await alerts.sessions.mint(Person(wanted.subject, wanted.facility, sorted(set(wanted.roles))))
    return CodeMinted(code=code, expires_at=until, url=f"{alerts.service.settings.alerts_url}/login")
