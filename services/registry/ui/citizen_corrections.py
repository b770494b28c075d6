"""/me/corrections: what one asks to be corrected of oneself, and what was answered."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse
from pydantic import ValidationError
from starlette.responses import Response

from services.registry.citizens.record import TITLES
from services.registry.corrections.problems import Refused
from services.registry.corrections.routes import Handler
from services.registry.corrections.schemas import Ask
from services.registry.ui.citizen import ROWS, WORDS, Citizen
from services.registry.ui.frame import PAGES, frame
from shared.auth.caller import Caller
from shared.errors import Invalid
from shared.sessions.pages import SEE_OTHER, page_route
from shared.sharing.fields import FIELDS, REFERENCE_FIELDS

router = APIRouter(tags=["pages"], include_in_schema=False, route_class=page_route(PAGES))

CORRECTIONS = "/me/corrections"


@router.get(CORRECTIONS)
async def corrections(
    request: Request, caller: Citizen, handler: Handler, after: UUID | None = None, asked: bool = False
) -> Response:
    """Every request about oneself with its answer, and a form for another. `asked`: one was just sent."""
    return await page(request, caller, handler, after, asked=asked)


async def page(
    request: Request,
    caller: Caller,
    handler: Handler,
    after: UUID | None = None,
    *,
    asked: bool = False,
    fault: str | None = None,
    status: int = 200,
) -> Response:
    """The page, with what was wrong with a request where something was."""
    values = {
        "list": await handler.asking.own(caller, after, ROWS),
        "later": after is not None,
        "asked": asked,
        "fault": fault,
        "titles_of": TITLES,
        "choice": [name for name in FIELDS if name not in REFERENCE_FIELDS],
    }
    whole = values | frame(request, caller, CORRECTIONS) | WORDS
    return PAGES.render(request, "me_corrections.html", whole, status=status)


@router.post(CORRECTIONS)
async def ask(
    request: Request,
    caller: Citizen,
    handler: Handler,
    field: Annotated[str, Form(max_length=40)] = "",
    value: Annotated[str, Form(max_length=1_000)] = "",
    reason: Annotated[str, Form(max_length=10_000)] = "",
) -> Response:
    """Ask for one. What is left empty is not said; browsers send line ends of two characters."""
    said = {"field": field, "reason": reason.replace("\r\n", "\n").strip()}
    if value.strip():
        said["value"] = value.strip()
    try:
        await handler.asking.ask_own(caller, Ask.model_validate(said))
    except (ValidationError, Invalid):
        return await page(request, caller, handler, fault="correction-unfit", status=422)
    except Refused as refusal:
        return await page(request, caller, handler, fault="correction-twice", status=refusal.status)
    return RedirectResponse(f"{CORRECTIONS}?asked=true", SEE_OTHER)


@router.post("/me/corrections/{correction}/withdrawal")
async def withdraw(request: Request, caller: Citizen, handler: Handler, correction: UUID) -> Response:
    """Take a request back. One that was answered meanwhile is shown with its answer."""
    try:
        await handler.asking.withdraw_own(caller, correction)
    except Refused as refusal:
        return await page(request, caller, handler, fault="correction-answered", status=refusal.status)
    return RedirectResponse(CORRECTIONS, SEE_OTHER)
