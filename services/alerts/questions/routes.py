"""HTTP of questioned accesses: for her, and for the supervisors who answer."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from services.alerts.own.callers import Herself
from services.alerts.questions import handlers
from services.alerts.questions.schemas import Answer, Ask, OwnQuestionsView, OwnQuestionView, QuestionsView
from services.alerts.sessions.callers import Supervisor
from services.alerts.state import alerts_of
from shared.written import CallerFirst

router = APIRouter(tags=["questions"], route_class=CallerFirst)
UNKEPT = "no-store"


@router.post("/v1/me/questions", status_code=201)
async def ask(request: Request, response: Response, caller: Herself, body: Ask) -> OwnQuestionView:
    """Question an access to her record: answered within 14 days. Again is the same question. 404 for what is no entry
    of her own log; 409 where 20 are open."""
    response.headers["cache-control"] = UNKEPT
    return await handlers.ask(alerts_of(request), caller, body)


@router.get("/v1/me/questions")
async def own(request: Request, response: Response, caller: Herself) -> OwnQuestionsView:
    """What she asked and was answered, the newest first."""
    response.headers["cache-control"] = UNKEPT
    return await handlers.own(alerts_of(request), caller)


@router.get("/v1/questions")
async def listed(request: Request, response: Response, caller: Supervisor) -> QuestionsView:
    """What women ask about accesses by this facility's workers, for its supervisors: who asks, they are not told.
    Nobody is shown, or answers, what is asked about themselves; where a facility lists no other supervisor today, those
    of the facility that serves the county are asked."""
    response.headers["cache-control"] = UNKEPT
    return QuestionsView(questions=await handlers.listed(alerts_of(request), caller))


@router.post("/v1/questions/{question}/answer", status_code=204)
async def answer(request: Request, question: UUID, caller: Supervisor, body: Answer) -> None:
    """Answer her, once: 409 where it was answered before."""
    await handlers.answer(alerts_of(request), caller, question, body.text)
