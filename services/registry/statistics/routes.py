"""Statistics: fixed releases, never counted for whoever asks."""

import hashlib
from typing import Annotated, get_args

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.registry.areas.routes import Handler as AreasHandler
from services.registry.statistics.handlers import Asked, Reading
from services.registry.statistics.indicators import Dimension
from services.registry.statistics.problems import OTHER_PURPOSE
from services.registry.statistics.releases import Releases
from services.registry.statistics.schemas import (
    AreaPopulation,
    AreaTree,
    Indicators,
    Published,
    Quality,
    ReleaseAsked,
    Released,
)
from shared.auth.caller import Caller
from shared.auth.require import require
from shared.errors import Forbidden
from shared.written import CallerFirst

router = APIRouter(tags=["statistics"], route_class=CallerFirst)

FOR_EVER = "private, max-age=31536000, immutable"
UNTIL_THE_NEXT = "private, no-cache"


def counts(caller: Caller) -> None:
    """Raise Forbidden for whoever is not there for statistics, before anything is read."""
    if caller.purpose != "statistics":
        raise Forbidden(OTHER_PURPOSE)


Official = Annotated[
    Caller,
    Depends(require("reporter", "follower", "clerk", "reviewer", department=True, purpose=True, also=counts)),
]
Administrator = Annotated[Caller, Depends(require("administrator", city=True))]


async def reading(request: Request) -> Reading:
    """The handler of what is published, one per process."""
    handler: Reading = request.app.state.statistics
    return handler


async def releases(request: Request) -> Releases:
    """Who publishes."""
    handler: Releases = request.app.state.releases
    return handler


Handler = Annotated[Reading, Depends(reading)]
Period = Annotated[
    str | None,
    Query(pattern=r"^(19|20|21)[0-9]{2}(-(0[1-9]|1[0-2]))?$", description="YYYY-MM or YYYY."),
]
Area = Annotated[str | None, Query(pattern=r"^([0-9]{6}|[0-9]{12})$", description="An area; else the whole county.")]
By = Annotated[
    str | None,
    Query(
        pattern=r"^(area|sex|age)(,(area|sex|age)){0,2}$",
        description="Dimensions of the table, as `sex,age`; `area`: the areas right below.",
    ),
]


def same(request: Request, response: Response, digest: bytes, *, fixed: bool) -> bool:
    """Say how long the answer stays the same; whether the caller has it already."""
    tag = f'"{digest.hex()}"'
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = FOR_EVER if fixed else UNTIL_THE_NEXT
    asked = request.headers.get("if-none-match", "")
    return tag in (each.strip().removeprefix("W/") for each in asked.split(","))


@router.get("/v1/statistics")
async def indicators(caller: Official, handler: Handler) -> Indicators:
    """What is published: definitions, units, sources, and for which periods."""
    return await handler.indicators()


@router.get("/v1/statistics/{indicator}")
async def published(
    indicator: Annotated[str, Path(max_length=64)],
    request: Request,
    response: Response,
    caller: Official,
    handler: Handler,
    area: Area = None,
    period: Period = None,
    by: By = None,
) -> Published:
    """An indicator of a period as published. Withheld figures are null. 403 `county-and-year-only`: not by area."""
    wanted = frozenset((by or "").split(","))
    dimensions = tuple(each for each in get_args(Dimension) if each in wanted)
    found, digest = await handler.published(indicator, Asked(area, period, dimensions))
    if same(request, response, digest, fixed=period is not None):
        return Response(status_code=304, headers=dict(response.headers))  # type: ignore[return-value]
    return found


@router.get("/v1/areas/{code}/population")
async def population(
    code: Annotated[str, Path(pattern=r"^([0-9]{6}|[0-9]{12})$")],
    request: Request,
    response: Response,
    caller: Official,
    handler: Handler,
    period: Period = None,
) -> AreaPopulation:
    """How many people live in an area, as the fixed release says, the newest unless one is named. 404: the release has
    no figure for such a code."""
    found, digest = await handler.published("population", Asked(code, period))
    if same(request, response, digest, fixed=period is not None):
        return Response(status_code=304, headers=dict(response.headers))  # type: ignore[return-value]
    (figure,) = found.values
    people = None if figure.value is None else round(figure.value)
    return AreaPopulation(area=found.area, period=found.period, made_at=found.made_at, people=people)


@router.get("/v1/areas/{code}/tree")
async def tree(
    code: Annotated[str, Path(pattern=r"^([0-9]{6}|[0-9]{12})$")],
    request: Request,
    response: Response,
    caller: Official,
    handler: Handler,
    places: AreasHandler,
    period: Period = None,
) -> AreaTree:
    """An area and everything below it with how many people live there, as the fixed release says, the newest unless one
    is named. Withheld figures are null. 404: the release has no figure for such a code."""
    async with handler.pool.acquire() as connection:
        table = await places.table(connection)
    found = await handler.tree(code, period, table)
    digest = hashlib.sha256(found.model_dump_json().encode()).digest()
    if same(request, response, digest, fixed=False):  # names come from the list of areas that stands
        return Response(status_code=304, headers=dict(response.headers))  # type: ignore[return-value]
    return found


@router.get("/v1/quality")
async def quality(
    request: Request, response: Response, caller: Official, handler: Handler, period: Period = None
) -> Quality:
    """Completeness, timeliness and consistency as published with a month."""
    found, digest = await handler.quality(period)
    if same(request, response, digest, fixed=period is not None):
        return Response(status_code=304, headers=dict(response.headers))  # type: ignore[return-value]
    return found


@router.post("/v1/statistics/releases", status_code=201)
async def publish(body: ReleaseAsked, caller: Administrator, maker: Annotated[Releases, Depends(releases)]) -> Released:
    """Publish a month that is over, once: 409 where it is published. A December brings its year."""
    return Released(periods=await maker.publish(body.period))
