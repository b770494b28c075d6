"""/population: the county in figures, from releases alone."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from services.registry.areas.handlers import Areas
from services.registry.statistics.handlers import Reading
from services.registry.statistics.routes import Area, Handler, counts
from services.registry.ui.frame import PAGES, frame
from services.registry.ui.overview_view import RATES, SIGNED, overview
from services.registry.ui.overview_words import BIRTH_QUALITY, CONSISTENCY, WAITING, elsewhere
from shared.auth.caller import Caller
from shared.auth.require import require
from shared.identifiers.areas import AreaTable
from shared.sessions.callers import any_caller
from shared.sessions.pages import page_route
from shared.sharing.words import Words

router = APIRouter(tags=["pages"], include_in_schema=False, route_class=page_route(PAGES))

SECTION = "/population"
Month = Annotated[str | None, Query(pattern=r"^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])$")]


Official = Annotated[
    Caller,
    Depends(
        require("reporter", "follower", "clerk", "reviewer", department=True, purpose=True, by=any_caller, also=counts)
    ),
]


@router.get(SECTION)
async def population(
    request: Request, caller: Official, reading: Handler, area: Area = None, period: Month = None
) -> Response:
    """One area in one month: ages, months, what lies below; for the county the year and the quality, too."""
    found = await overview(reading, area, period)
    values = {
        "found": found,
        "named": names_in(await table_of(request, reading), home_of(reading)),
        "signed": SIGNED,
        "rates": RATES,
        "birth_quality": BIRTH_QUALITY,
        "consistency": CONSISTENCY,
        "waiting": WAITING,
    }
    return PAGES.render(request, "population.html", values | frame(request, caller, SECTION))


async def table_of(request: Request, reading: Reading) -> AreaTable:
    """The list of areas that stands."""
    areas: Areas = request.app.state.areas
    async with reading.pool.acquire() as connection:
        return await areas.table(connection)


def home_of(reading: Reading) -> str | None:
    """The county's code; None where the register has several."""
    return next(iter(reading.home)) if len(reading.home) == 1 else None


def names_in(table: AreaTable, home: str | None) -> Callable[[str | None], Words]:
    """What an area of a release is called; the code itself where the list does not know it."""

    def named(code: str | None) -> Words:
        known = (code or home or "").partition("-")
        area = table.get(known[0])
        words = Words(zh=area.zh, en=area.en) if area else Words(zh=known[0] or "全部", en=known[0] or "All areas")
        return elsewhere(words) if known[1] else words

    return named
