"""Question an access: by the person, to the department whose access it was, for the protection officer to answer."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response, status

from services.registry.questions.handlers import Questions
from services.registry.questions.schemas import (
    Ask,
    AskedOfUs,
    OwnQuestion,
    OwnQuestions,
    QuestionRead,
    QuestionsListed,
    Say,
    Standing,
)
from shared.auth.caller import Caller
from shared.auth.require import require
from shared.errors import Forbidden
from shared.written import CallerFirst

router = APIRouter(tags=["questions"], route_class=CallerFirst)
Citizen = Annotated[Caller, Depends(require("citizen"))]
Limit = Annotated[int, Query(ge=1, le=200)]
DepartmentsAdministrator = Annotated[Caller, Depends(require("administrator", department=True))]


def audits(caller: Caller) -> None:
    """Raise Forbidden for whoever is not there for the purpose `audit`."""
    if caller.purpose != "audit":
        raise Forbidden("purpose-required", required_purposes=["audit"])


# Who watches over all departments, and who answers for a department's accesses.
Officer = Annotated[Caller, Depends(require("protection-officer", city=True, purpose=True, also=audits))]
Accountable = Annotated[Caller, Depends(require("administrator", department=True, purpose=True, also=audits))]


async def questions_of(request: Request) -> Questions:
    """The handler, one per process."""
    handler: Questions = request.app.state.questions
    return handler


Handler = Annotated[Questions, Depends(questions_of)]


@router.post("/v1/me/questions", status_code=status.HTTP_201_CREATED, summary="Question an access to my data")
async def ask(body: Ask, caller: Citizen, handler: Handler, response: Response) -> OwnQuestion:
    """404 for what is no entry of one's own log; 409 where it is questioned already. Answered within 30 days."""
    response.headers["cache-control"] = "no-store"
    return await handler.ask(caller, body)


@router.get("/v1/me/questions", summary="What I asked, and what was answered")
async def own(
    caller: Citizen, handler: Handler, response: Response, after: UUID | None = None, limit: Limit = 50
) -> OwnQuestions:
    """The newest first."""
    response.headers["cache-control"] = "no-store"
    return await handler.own(caller, after, limit)


@router.get("/v1/questions", summary="Questions of all people, the one due first first")
async def listed(
    caller: Officer,
    handler: Handler,
    standing: Standing | None = None,
    after: UUID | None = None,
    limit: Limit = 50,
) -> QuestionsListed:
    """For the protection officer, without texts. `standing=overdue`: open beyond its day."""
    return await handler.listed(standing, after, limit)


@router.get("/v1/questions/asked", summary="What my department is asked about its own accesses")
async def asked(
    caller: Accountable, handler: Handler, response: Response, after: UUID | None = None, limit: Limit = 50
) -> AskedOfUs:
    """The open ones, each with the entry; the people who asked see that it was read."""
    response.headers["cache-control"] = "no-store"
    return await handler.asked_of(caller, after, limit)


@router.get("/v1/questions/{question}", summary="One question, whole")
async def question(question: UUID, caller: Officer, handler: Handler, response: Response) -> QuestionRead:
    """For the protection officer; the person sees that it was read."""
    response.headers["cache-control"] = "no-store"
    return await handler.read(caller, question)


@router.post(
    "/v1/questions/{question}/statement",
    status_code=status.HTTP_204_NO_CONTENT,
    summary="Say why my department accessed it",
)
async def statement(question: UUID, body: Say, caller: DepartmentsAdministrator, handler: Handler) -> None:
    """Until it is answered; a later statement takes the place of an earlier one."""
    await handler.state(caller, question, body.text)


@router.post("/v1/questions/{question}/answer", status_code=status.HTTP_204_NO_CONTENT, summary="Answer the person")
async def answer(question: UUID, body: Say, caller: Officer, handler: Handler) -> None:
    """Once: 409 where it was answered before."""
    await handler.answer(caller, question, body.text)
