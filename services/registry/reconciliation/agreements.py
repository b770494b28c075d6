"""What the registry was told of agreements, for the exchange's reconciler: identifiers and digests, no people."""

from hashlib import sha256
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict

from services.registry.reconciliation import repository
from services.registry.reconciliation.routes import Exchange
from shared.app import Service, service_of
from shared.sharing.agreement import agreement_of
from shared.written import CallerFirst

router = APIRouter(tags=["reconciliation"], route_class=CallerFirst)


class Nothing(BaseModel):
    """The question says nothing more."""

    model_config = ConfigDict(extra="forbid")


class AgreementsTold(BaseModel):
    """In one snapshot: how far `sharing` is followed, and by identifier the status and the document's SHA-256."""

    sharing: tuple[UUID | None, int]
    agreements: dict[str, tuple[str, str]]


@router.post("/v1/reconciliation/agreements", summary="Internal: agreements as the registry was told of them")
async def agreements(
    asked: Nothing,
    caller: Exchange,
    service: Annotated[Service, Depends(service_of)],
) -> AgreementsTold:
    """For the exchange's reconciler only."""
    async with service.pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        cursor = await repository.followed(connection, "sharing")
        rows = await repository.agreements(connection)
    return AgreementsTold(
        sharing=cursor,
        agreements={row["identifier"]: (row["status"], digest(row["document"])) for row in rows},
    )


def digest(document: str) -> str:
    """Of the form that both services write."""
    return sha256(agreement_of(document).model_dump_json().encode()).hexdigest()
