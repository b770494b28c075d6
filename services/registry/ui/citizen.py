"""/me: one's own record, who saw it, and what one asks about that. For nobody else."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse
from pydantic import ValidationError
from starlette.responses import Response

from services.registry.areas.handlers import Areas
from services.registry.citizens.handlers import Citizens
from services.registry.citizens.routes import Handler
from services.registry.questions.routes import Handler as Questioning
from services.registry.questions.schemas import Ask
from services.registry.ui import citizen_words as words
from services.registry.ui import words_reviews
from services.registry.ui.citizen_view import laws_of, place_names, shown_fields
from services.registry.ui.frame import PAGES, frame
from services.registry.ui.words import in_words
from shared.auth.caller import Caller
from shared.auth.require import require
from shared.errors import Conflict
from shared.sessions.callers import any_caller
from shared.sessions.pages import SEE_OTHER, page_route

router = APIRouter(tags=["pages"], include_in_schema=False, route_class=page_route(PAGES))

RECORD, DISCLOSURES, CASES, QUESTIONS = "/me", "/me/disclosures", "/me/cases", "/me/questions"
MATCHES = "/me/matches"
ROWS = 25
WORDS = {"words": words, "in_words": in_words, "laws_of": laws_of, "subject": ""}
"""What all these pages have. The subject of a citizen is a reference that says nothing to anybody."""

Citizen = Annotated[Caller, Depends(require("citizen", by=any_caller))]


@router.get(RECORD)
async def record(request: Request, caller: Citizen, handler: Handler) -> Response:
    """Every field with who says so, one's numbers and homes, and when somebody broke the glass."""
    found = await handler.record(caller)
    areas: Areas = request.app.state.areas
    async with handler.pool.acquire() as connection:
        table = await areas.table(connection)
    values = {"record": found, "fields": shown_fields(found, table), "named": place_names(table)}
    return PAGES.render(request, "me.html", values | frame(request, caller, RECORD) | WORDS)


@router.get("/me/copy")
async def copy(caller: Citizen, handler: Handler) -> Response:
    """The same as a file to keep; the same that GET /v1/me/copy answers."""
    found = await handler.record(caller)
    headers = {"cache-control": "no-store", "content-disposition": 'attachment; filename="my-record.json"'}
    return Response(found.model_dump_json(indent=2), media_type="application/json", headers=headers)


@router.get(DISCLOSURES)
async def disclosures(request: Request, caller: Citizen, handler: Handler, after: UUID | None = None) -> Response:
    """The access log about oneself, the newest first."""
    return await disclosures_page(request, caller, handler, after)


async def disclosures_page(
    request: Request,
    caller: Caller,
    handler: Citizens,
    after: UUID | None,
    fault: str | None = None,
    status: int = 200,
) -> Response:
    """The page, with what was wrong with a question where something was."""
    values = {
        "list": await handler.disclosures(caller, after, ROWS),
        "later": after is not None,
        "fault": fault,
    }
    return PAGES.render(
        request, "me_disclosures.html", values | frame(request, caller, DISCLOSURES) | WORDS, status=status
    )


@router.get(CASES)
async def cases(request: Request, caller: Citizen, handler: Handler, after: UUID | None = None) -> Response:
    """Which departments have to do with one, and why."""
    values = {"list": await handler.cases(caller, after, ROWS), "later": after is not None}
    return PAGES.render(request, "me_cases.html", values | frame(request, caller, CASES) | WORDS)


@router.get(MATCHES)
async def matches(request: Request, caller: Citizen, handler: Handler) -> Response:
    """How it was judged which records are one's own."""
    values = {"list": await handler.matches(caller), "reviewing": words_reviews}
    return PAGES.render(request, "me_matches.html", values | frame(request, caller, MATCHES) | WORDS)


@router.get(QUESTIONS)
async def questions(
    request: Request, caller: Citizen, handler: Questioning, after: UUID | None = None, asked: bool = False
) -> Response:
    """What one asked, and what was answered. `asked`: a question was just sent."""
    values = {"list": await handler.own(caller, after, ROWS), "later": after is not None, "asked": asked}
    return PAGES.render(request, "me_questions.html", values | frame(request, caller, QUESTIONS) | WORDS)


@router.post(QUESTIONS)
async def ask(
    request: Request,
    caller: Citizen,
    handler: Questioning,
    entry: Annotated[UUID, Form()],
    text: Annotated[str, Form(max_length=10_000)] = "",
) -> Response:
    """Question one entry of one's own log, once. Browsers send line ends of two characters."""
    try:
        wanted = Ask(entry=entry, text=text.replace("\r\n", "\n").strip())
        await handler.ask(caller, wanted)
    except ValidationError:
        return await disclosures_page(request, caller, handler.citizens, None, "question-empty", 422)
    except Conflict as refusal:
        return await disclosures_page(request, caller, handler.citizens, None, "question-twice", refusal.status)
    return RedirectResponse(f"{QUESTIONS}?asked=true", SEE_OTHER)
