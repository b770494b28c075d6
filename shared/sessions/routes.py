"""HTTP of logging in for programs: minting one-time codes. Only mounted in development."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from shared.auth.caller import Caller
from shared.auth.require import require
from shared.errors import Fault, Invalid, Text
from shared.sessions.callers import sessions_of
from shared.written import CallerFirst

Subject = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._@:-]{0,99}$")]
Listed = Annotated[list[str], Field(max_length=20)]

UNACCEPTABLE = Text("is not in the closed list", "不在封闭清单之内")
NOT_FOR_SERVICES = Text("a service does not log in on pages", "服务不在页面上登录")


class CodeWanted(BaseModel):
    """Whom the code lets in: what a token would say of the same person."""

    model_config = ConfigDict(extra="forbid", strict=True)
    subject: Subject
    department: str | None = None
    roles: Annotated[Listed, Field(min_length=1)]
    purpose: str | None = None
    areas: Listed = []
    facility: str | None = None

    def caller(self) -> Caller:
        """The caller this describes. Raises Invalid, naming the member."""
        if "service" in self.roles:
            raise Invalid(faults=[Fault("/roles", NOT_FOR_SERVICES)])
        try:
            return Caller(
                self.subject,
                department=self.department,
                roles=frozenset(self.roles),
                purpose=self.purpose,
                areas=frozenset(self.areas),
                facility=self.facility,
            )
        except ValueError as fault:
            raise Invalid(faults=[Fault(f"/{str(fault).rpartition(' ')[2]}", UNACCEPTABLE)]) from None


class CodeMinted(BaseModel):
    """A one-time code. It is shown once and kept nowhere in this form."""

    code: str
    expires_at: datetime
    url: str


Administrator = Annotated[Caller, Depends(require("administrator", city=True))]


async def minted(request: Request, person: Caller, address: str) -> CodeMinted:
    """A new code for this person, who types it at `address`/login."""
    code, until = await sessions_of(request).mint(person)
    return CodeMinted(code=code, expires_at=until, url=f"{address}/login")


def code_routes(address: str) -> APIRouter:
    """Minting codes for anybody whom a token can describe."""
    router = APIRouter(tags=["login"], route_class=CallerFirst)

    @router.post("/v1/login-codes", status_code=201)
    async def mint(request: Request, wanted: CodeWanted, _caller: Administrator) -> CodeMinted:
        """Mint a code that logs one person in once, within five minutes."""
        return await minted(request, wanted.caller(), address)

    return router
