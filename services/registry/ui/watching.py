"""/questions, /flags and /seen: what the protection officer reads, decides and answers. For nobody else.

Who saw a person is shown to the person and to the protection officer, and to no other official: who asks about
somebody, and what for, is nothing that their file should tell the next one.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse
from pydantic import ValidationError
from starlette.responses import Response

from services.registry.misuse.handlers import Misuse
from services.registry.misuse.routes import Handler as Watching
from services.registry.misuse.schemas import Decision
from services.registry.people import history
from services.registry.people.routes import Handler as LookingUp
from services.registry.questions.handlers import Questions
from services.registry.questions.routes import Handler as Questioning
from services.registry.questions.routes import audits
from services.registry.questions.schemas import Say, Standing
from services.registry.ui import citizen_words, words_watching
from services.registry.ui.frame import PAGES, frame
from shared.auth.caller import Caller
from shared.auth.require import require
from shared.errors import Conflict, NotFound
from shared.sessions.callers import any_caller
from shared.sessions.pages import SEE_OTHER, page_route

router = APIRouter(tags=["pages"], include_in_schema=False, route_class=page_route(PAGES))

QUESTIONS, FLAGS, SEEN = "/questions", "/flags", "/seen"
ROWS = 25
WORDS = {"words": citizen_words, "watching": words_watching}
Officer = Annotated[Caller, Depends(require("protection-officer", city=True, purpose=True, by=any_caller, also=audits))]
Text = Annotated[str, Form(max_length=10_000)]


@router.get(QUESTIONS)
async def questions(
    request: Request,
    caller: Officer,
    handler: Questioning,
    standing: Standing | None = None,
    after: UUID | None = None,
    answered: bool = False,
) -> Response:
    """The one due first first, without texts: a question is read one at a time. `answered`: one was just answered."""
    values = {
        "list": await handler.listed(standing, after, ROWS),
        "standing": standing,
        "later": after is not None,
        "answered": answered,
    }
    return PAGES.render(request, "questions.html", values | frame(request, caller, QUESTIONS) | WORDS)


@router.get(QUESTIONS + "/{question}")
async def question(request: Request, question: UUID, caller: Officer, handler: Questioning) -> Response:
    """One question, whole; that it was read is written down, and the person sees it."""
    return await question_page(request, caller, handler, question)


async def question_page(
    request: Request, caller: Caller, handler: Questions, question: UUID, fault: str | None = None, said: str = ""
) -> Response:
    """The page; `said`: an answer that was not taken."""
    values = {"found": await handler.read(caller, question), "fault": fault, "said": said}
    status = 422 if fault else 200
    return PAGES.render(request, "question.html", values | frame(request, caller, QUESTIONS) | WORDS, status=status)


@router.post(QUESTIONS + "/{question}")
async def answer(request: Request, question: UUID, caller: Officer, handler: Questioning, text: Text = "") -> Response:
    """Answer the person, once."""
    try:
        await handler.answer(caller, question, Say(text=lines(text)).text)
    except ValidationError:
        return await question_page(request, caller, handler, question, "question-unanswered", text)
    except Conflict:
        return await question_page(request, caller, handler, question, "question-answered-before", text)
    return RedirectResponse(f"{QUESTIONS}?answered=true", SEE_OTHER)


@router.get(FLAGS)
async def flags(
    request: Request, caller: Officer, handler: Watching, decided: bool = False, after: UUID | None = None
) -> Response:
    """Accesses that a rule noticed: those that wait for a decision, or those that have one."""
    return await flags_page(request, caller, handler, decided=decided, after=after)


async def flags_page(
    request: Request,
    caller: Caller,
    handler: Misuse,
    *,
    decided: bool = False,
    after: UUID | None = None,
    fault: str | None = None,
) -> Response:
    """The page, with what was wrong with a decision."""
    values = {
        "list": await handler.flags(decided=decided, after=after, limit=ROWS),
        "decided": decided,
        "later": after is not None,
        "fault": fault,
    }
    status = 422 if fault else 200
    return PAGES.render(request, "flags.html", values | frame(request, caller, FLAGS) | WORDS, status=status)


@router.post(FLAGS + "/{flag}")
async def decide(
    request: Request,
    flag: UUID,
    caller: Officer,
    handler: Watching,
    decision: Annotated[str, Form(max_length=20)] = "",
    reason: Text = "",
) -> Response:
    """Decide about a flag, with a reason."""
    try:
        wanted = Decision.model_validate({"decision": decision, "reason": lines(reason)})
        await handler.decide(caller, flag, wanted)
    except ValidationError:
        return await flags_page(request, caller, handler, fault="flag-undecided")
    except Conflict:
        return await flags_page(request, caller, handler, fault="flag-decided-before")
    return RedirectResponse(f"{FLAGS}?decided=true", SEE_OTHER)


@router.get(SEEN)
async def seen(
    request: Request,
    caller: Officer,
    handler: LookingUp,
    reference: Annotated[str, Query(max_length=300)] = "",
    after: UUID | None = None,
) -> Response:
    """Who saw the person of a reference, the newest first; that it was looked at is written down, and the person sees
    it. Unknown and ill-formed references are one answer."""
    found, unknown = None, False
    if reference.strip():
        try:
            found = await history.disclosures(handler, caller, reference.strip(), after, ROWS)
        except NotFound:
            unknown = True
    values = {"list": found, "unknown": unknown, "reference": reference.strip(), "later": after is not None}
    return PAGES.render(request, "seen.html", values | frame(request, caller, SEEN) | WORDS)


def lines(text: str) -> str:
    """Browsers send line ends of two characters."""
    return text.replace("\r\n", "\n").strip()
