"""GET /v1/agreements: what a department may be told, for what, on which legal basis, until when."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from services.exchange.agreements.current import CurrentAgreements
from shared import clock
from shared.app import Service, service_of
from shared.auth.caller import Caller
from shared.auth.require import require
from shared.sharing.agreement import Agreement
from shared.sharing.agreements import Agreements

router = APIRouter(tags=["agreements"])

Department = Annotated[Caller, Depends(require("reporter", "follower", "clerk", department=True))]
Administrator = Annotated[Caller, Depends(require("administrator", "protection-officer"))]


async def agreements_of(request: Request, service: Annotated[Service, Depends(service_of)]) -> Agreements:
    """The agreements that stand."""
    source: CurrentAgreements = request.app.state.agreements
    async with service.pool.acquire() as connection:
        return await source.current(connection)


Standing = Annotated[Agreements, Depends(agreements_of)]


@router.get("/v1/agreements")
async def own_agreements(caller: Department, agreements: Standing) -> list[Agreement]:
    """The caller department's agreements that are in force today."""
    return agreements.for_(caller.department or "", None, clock.today())


@router.get("/v1/agreements/matrix")
async def matrix(caller: Administrator, agreements: Standing) -> dict[str, Any]:
    """Department × field: by which agreements, in force today. What is not in the matrix is not disclosed."""
    today = clock.today()
    cells: dict[str, dict[str, list[dict[str, str]]]] = {}
    for agreement in agreements:
        if agreement.in_force(today):
            row = cells.setdefault(agreement.department, {})
            for name in agreement.fields:
                row.setdefault(name, []).append(
                    {
                        "agreement": agreement.identifier,
                        "purpose": agreement.purpose,
                        "scope": agreement.scope,
                        "until": agreement.valid_until.isoformat(),
                    }
                )
    return {"on": today.isoformat(), "matrix": cells}
