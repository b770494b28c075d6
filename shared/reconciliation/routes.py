"""GET /v1/reconciliations/findings, the same in each service: what its running reconciler found."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel

from shared.app import Service, service_of
from shared.auth.caller import Caller
from shared.auth.require import require
from shared.errors import language_of
from shared.reconciliation import repository
from shared.reconciliation.kinds import MEANINGS, Finding


class Found(BaseModel):
    """One finding: what it is, where, since when, when it was last met, and when it was met no more."""

    kind: str
    place: str
    meaning: str
    since: datetime
    seen_at: datetime
    settled_at: datetime | None


class Findings(BaseModel):
    """A page; ask on with the last one's kind and place as `after_kind` and `after_place`."""

    findings: list[Found]
    more: bool


def findings_router() -> APIRouter:
    """The route, to be put before others that begin with the same path."""
    router = APIRouter(tags=["reconciliation"])

    @router.get("/v1/reconciliations/findings", summary="What the running reconciler found")
    async def findings(
        request: Request,
        caller: Annotated[Caller, Depends(require("administrator", city=True))],
        service: Annotated[Service, Depends(service_of)],
        settled: Annotated[bool, Query(description="Those that are settled, too.")] = False,
        after_kind: Annotated[str, Query(max_length=100)] = "",
        after_place: Annotated[str, Query(max_length=500)] = "",
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> Findings:
        """What is lost or does not agree, by table, position or receipt; nothing about people."""
        language = language_of(request.headers.get("accept-language"))
        async with service.pool.acquire() as connection:
            rows = await repository.listed(connection, settled, Finding(after_kind, after_place), limit)
        found = [Found.model_validate(row | {"meaning": MEANINGS[str(row["kind"])].in_(language)}) for row in rows]
        return Findings(findings=found, more=len(found) == limit)

    return router
