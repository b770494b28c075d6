"""GET /v1/moves/unmatched: halves of moves whose other half nobody reported, for those who register moves."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.registry.moves import repository as sql
from services.registry.moves.keeping import HalfMoves
from services.registry.moves.schemas import HalfMoveFound, HalfMovesFound
from services.registry.people.quotas import Quotas
from shared import clock
from shared.audit.log import Reading, record
from shared.auth.caller import Caller
from shared.auth.require import require
from shared.contracts.values import Day
from shared.crypto.references import mint
from shared.db import Pool, transaction
from shared.errors import Forbidden, NotFound

router = APIRouter(tags=["moves"])

REGISTRAR, PURPOSE = "public-security", "household-registration"
SHOWN = ("move_permit", "move_area", "move_date")


def registers_moves(caller: Caller) -> None:
    """Raise Forbidden for all but who registers moves, for that purpose."""
    if (caller.department, caller.purpose) != (REGISTRAR, PURPOSE):
        raise Forbidden


Registrar = Annotated[Caller, Depends(require("clerk", department=True, purpose=True, also=registers_moves))]


@dataclass
class UnmatchedMoves:
    """Lists half moves."""

    pool: Pool
    halves: HalfMoves
    quotas: Quotas

    async def listed(
        self, caller: Caller, area: str | None, half: str | None, after: tuple[date, UUID] | None, limit: int
    ) -> HalfMovesFound:
        """A page of them; within the caller's areas where it has any. Raises NotFound for an area beyond those, and
        Problem (429) beyond the official's quota of people."""
        areas = sorted(caller.areas) or None
        if area is not None:
            if areas and not area.startswith(tuple(areas)):
                raise NotFound
            areas = [area]
        async with transaction(self.pool) as connection:
            await self.quotas.people_left(connection, caller)
            rows = await sql.listed(connection, areas, half, after, limit)
            people = sorted({row["person_id"] for row in rows})
            readings = [Reading(str(person), SHOWN) for person in people]
            await record(connection, caller, readings, action="half-move", basis=PURPOSE)
            await self.quotas.count_people(connection, caller, people)
        today = clock.today()
        return HalfMovesFound(
            moves=[
                HalfMoveFound(
                    id=row["move_id"],
                    half=row["half"],
                    person=mint(self.halves.ring, REGISTRAR, row["person_id"]),
                    permit=self.halves.opened(row["move_id"], row["permit"]),
                    area=row["area"],
                    since=row["since"],
                    days=(today - row["since"]).days,
                )
                for row in rows
            ],
            more=len(rows) == limit,
        )


@router.get("/v1/moves/unmatched", summary="Departures without arrival, and arrivals without departure")
async def unmatched(
    request: Request,
    response: Response,
    caller: Registrar,
    area: Annotated[str | None, Query(pattern="^[0-9]{2,12}$", description="Where the other half is missing.")] = None,
    half: Literal["departure", "arrival"] | None = None,
    after_day: Day | None = None,
    after_id: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> HalfMovesFound:
    """The oldest first. Only clerks of public security, for household registration; each person is written down."""
    response.headers["cache-control"] = "no-store"
    handler: UnmatchedMoves = request.app.state.unmatched_moves
    after = (after_day, after_id) if after_day and after_id else None
    return await handler.listed(caller, area, half, after, limit)
