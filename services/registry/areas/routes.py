"""/v1/areas: the tree of areas on any day, as it was known at any time; lists are entered by administrators."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request

from services.registry.areas.handlers import Areas
from services.registry.areas.schemas import AreaFound, AreaLists, AreaRoots, Entered, NewList, Restore
from services.registry.people.routes import KnownAt, ValidAt
from shared.auth.caller import Caller
from shared.auth.require import require
from shared.written import CallerFirst

router = APIRouter(tags=["areas"], route_class=CallerFirst)

Anyone = Annotated[Caller, Depends(require())]
Administrator = Annotated[Caller, Depends(require("administrator", city=True))]
Code = Annotated[str, Path(pattern=r"^([0-9]{6}|[0-9]{12})$")]


async def areas_of(request: Request) -> Areas:
    """The handler, one per process."""
    handler: Areas = request.app.state.areas
    return handler


Handler = Annotated[Areas, Depends(areas_of)]


@router.get("/v1/areas")
async def roots(caller: Anyone, handler: Handler, valid_at: ValidAt = None, known_at: KnownAt = None) -> AreaRoots:
    """Where to begin: the areas that lie in no other."""
    return AreaRoots(areas=await handler.roots(valid_at, known_at))


@router.get("/v1/areas/lists")
async def lists(
    caller: Administrator,
    handler: Handler,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> AreaLists:
    """Who entered which list, when and why, the newest first."""
    return await handler.lists(after, limit)


@router.post("/v1/areas/lists", status_code=201)
async def enter(body: NewList, caller: Administrator, handler: Handler, dry_run: bool = False) -> Entered:
    """Let another list stand: splits, merges and new names. Nobody is entered anew for it. `dry_run=true`: only say
    what would change. 409: nothing would."""
    return await handler.enter(caller, body.areas, body.reason, dry_run=dry_run)


@router.post("/v1/areas/lists/{list_id}/restore", status_code=201)
async def restore(list_id: UUID, body: Restore, caller: Administrator, handler: Handler) -> Entered:
    """Let an earlier list stand once more."""
    return await handler.restore(caller, list_id, body.reason)


@router.get("/v1/areas/{code}")
async def area(
    code: Code, caller: Anyone, handler: Handler, valid_at: ValidAt = None, known_at: KnownAt = None
) -> AreaFound:
    """One area, on a day, as it was known at an instant."""
    return await handler.area(code, valid_at, known_at)
