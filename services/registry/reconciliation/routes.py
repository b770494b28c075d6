"""What the exchange's reconciler asks the registry. Receipts, positions and roles: no people, no root ids."""

from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from fastapi import APIRouter, Body, Depends
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict

from services.registry.facts.stored import Vault
from services.registry.facts.told import Telling
from services.registry.reconciliation import repository
from services.registry.reconciliation.people import page_of, start_of
from shared.app import Service, service_of
from shared.auth.caller import DEPARTMENTS, Caller
from shared.auth.require import require
from shared.errors import Forbidden, Unavailable
from shared.written import CallerFirst

router = APIRouter(tags=["reconciliation"], route_class=CallerFirst)

MOST_RECEIPTS = 1000


def exchange_only(caller: Caller) -> None:
    """Raise Forbidden for all services but the exchange."""
    if caller.service != "exchange":
        raise Forbidden


Exchange = Annotated[Caller, Depends(require(service=True, also=exchange_only))]


class Known(BaseModel):
    """What the registry has of a receipt; `roles`: of the facts of an applied event."""

    status: Literal["applied", "held", "rejected", "parked"]
    roles: list[str]


class Standing(BaseModel):
    """In one snapshot: how far `vital-events` and `sharing` are followed, the head of `changes`, and known receipts."""

    followed: dict[int, tuple[UUID | None, int]]
    sharing: tuple[UUID | None, int]
    changes: tuple[UUID, int]
    known: dict[UUID, Known]


class Asked(BaseModel):
    """Receipts of one page of the journal."""

    model_config = ConfigDict(extra="forbid")
    receipts: Annotated[list[UUID], Body(max_length=MOST_RECEIPTS)]


@router.post("/v1/reconciliation/receipts", summary="Internal: what the registry knows of receipts")
async def receipts(
    asked: Asked,
    caller: Exchange,
    service: Annotated[Service, Depends(service_of)],
) -> Standing:
    """For the exchange's reconciler only."""
    async with service.pool.acquire() as connection:
        row = await repository.standing(connection, asked.receipts)
    if row is None:
        raise Unavailable
    known: dict[str, Any] = {}
    for column in ("parked", "held", "applied"):  # what was parked and then applied is applied
        known |= msgspec.json.decode(row[column])
    return Standing(
        followed=msgspec.json.decode(row["followed"]),
        sharing=msgspec.json.decode(row["sharing"]) if row["sharing"] else (None, 0),
        changes=(row["epoch"], row["position"]),
        known={UUID(receipt): Known(status=status, roles=roles) for receipt, (status, roles) in known.items()},
    )


class AskedPeople(BaseModel):
    """People after a sealed cursor, which only the registry reads."""

    model_config = ConfigDict(extra="forbid")
    after: Annotated[str | None, Body(max_length=500)] = None
    limit: Annotated[int, Body(ge=1, le=500)] = 100


@router.post("/v1/reconciliation/people", summary="Internal: people as departments would be told of them")
async def people(
    asked: AskedPeople,
    caller: Exchange,
    service: Annotated[Service, Depends(service_of)],
) -> Response:
    """For the exchange's reconciler only: what the feed `changes` has told it already, by references."""
    start = start_of(service.ring, asked.after)
    telling = Telling(service.ring, sorted(DEPARTMENTS))
    async with service.pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        page = await page_of(connection, Vault(service.ring), telling, start, asked.limit)
    if page is None:
        raise Unavailable
    return Response(msgspec.json.encode(page), media_type="application/json")
