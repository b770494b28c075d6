"""All pages of the registry, and logging in to see them. Plain links and forms; nothing runs in the browser."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.registry.ui.citizen import router as own
from services.registry.ui.citizen_corrections import router as own_corrections
from services.registry.ui.contradictions import router as contradictions
from services.registry.ui.corrections_desk import router as corrections
from services.registry.ui.frame import PAGES, authority_of
from services.registry.ui.overview import router as population
from services.registry.ui.people import router as people
from services.registry.ui.reviews import router as reviews
from services.registry.ui.sections import offered
from services.registry.ui.statements import router as statements
from services.registry.ui.watching import router as watching
from shared.errors import Forbidden
from shared.sessions.callers import signed_in
from shared.sessions.login import login_routes
from shared.sessions.pages import SEE_OTHER, page_route

router = APIRouter(tags=["pages"], include_in_schema=False, route_class=page_route(PAGES))
PAGE_ROUTERS = (
    login_routes(PAGES, "/"),
    router,
    reviews,
    people,
    contradictions,
    corrections,
    population,
    own,
    own_corrections,
    watching,
    statements,
)


@router.get("/")
async def root(request: Request) -> Response:
    """To the first section that is offered to whoever is signed in; to the login, where nobody is."""
    caller = await signed_in(request)
    if caller is None:
        return RedirectResponse("/login", SEE_OTHER)
    sections = offered(caller, authority_of(request))
    if not sections:
        raise Forbidden
    return RedirectResponse(sections[0], SEE_OTHER)
