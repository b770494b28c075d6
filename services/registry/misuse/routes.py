"""Flags, for the protection officer; and who an official is, told by their department's administrator."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, status

from services.registry.misuse.handlers import Misuse
from services.registry.misuse.schemas import Decision, FlagsListed, Provisioned
from services.registry.questions.routes import DepartmentsAdministrator, Limit, Officer
from shared.contracts.values import PRINTABLE
from shared.written import CallerFirst

router = APIRouter(tags=["misuse"], route_class=CallerFirst)
Subject = Annotated[
    str,
    Path(min_length=1, max_length=256, pattern=PRINTABLE, description="As the official's tokens name them (`sub`)."),
]


async def misuse_of(request: Request) -> Misuse:
    """The handler, one per process."""
    handler: Misuse = request.app.state.misuse
    return handler


Handler = Annotated[Misuse, Depends(misuse_of)]


@router.put("/v1/officials/{subject}", status_code=status.HTTP_204_NO_CONTENT, summary="Say who an official of ours is")
async def provision(subject: Subject, body: Provisioned, caller: DepartmentsAdministrator, handler: Handler) -> None:
    """So that looks at their own record, household or colleagues can be noticed. The answer is the same whoever holds
    the number, or nobody; the person sees that they were named."""
    await handler.provision(caller, subject, body.identifier, body.areas)


@router.delete("/v1/officials/{subject}", status_code=status.HTTP_204_NO_CONTENT, summary="An official of ours no more")
async def forget(subject: Subject, caller: DepartmentsAdministrator, handler: Handler) -> None:
    """404 where none of that name was told."""
    await handler.forget(caller, subject)


@router.get("/v1/flags", summary="Accesses that a rule noticed")
async def flags(
    caller: Officer,
    handler: Handler,
    decided: Annotated[bool, Query(description="Those that have a decision, in place of those that wait.")] = False,
    after: UUID | None = None,
    limit: Limit = 50,
) -> FlagsListed:
    """A flag blocks nothing and says nothing about guilt: it asks for a second look."""
    return await handler.flags(decided=decided, after=after, limit=limit)


@router.post("/v1/flags/{flag}/decision", status_code=status.HTTP_204_NO_CONTENT, summary="Decide about a flag")
async def decide(flag: UUID, body: Decision, caller: Officer, handler: Handler) -> None:
    """`seen` may become `justified` or `misuse` later; those stay: 409."""
    await handler.decide(caller, flag, body)
