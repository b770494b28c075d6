"""GET /v1/contradictions: what cannot all be true, and who said it. POST …/explanation: why it is true all the same."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.registry.contradictions.handlers import PURPOSE, Asked, Contradictions
from services.registry.contradictions.schemas import ContradictionFound, ContradictionsFound, Explanation, Kind
from services.registry.people.routes import Known
from shared.auth.caller import Caller
from shared.auth.require import require
from shared.errors import Forbidden, language_of
from shared.written import CallerFirst

router = APIRouter(tags=["contradictions"], route_class=CallerFirst)


def reviews_identity(caller: Caller) -> None:
    """Raise Forbidden for another purpose than the review of identities, before anything is looked up."""
    if caller.purpose != PURPOSE:
        raise Forbidden


Reviewer = Annotated[
    Caller,
    Depends(require("clerk", "reviewer", department=True, purpose=True, everywhere=True, also=reviews_identity)),
]
DepartmentName = Literal[
    "population-family",
    "human-resources",
    "education",
    "public-security",
    "civil-affairs",
    "finance",
    "housing",
    "health",
    "market-supervision",
    "statistics",
]


async def contradictions_of(request: Request) -> Contradictions:
    """The handler, one per process."""
    handler: Contradictions = request.app.state.contradictions
    return handler


Handler = Annotated[Contradictions, Depends(contradictions_of)]


async def language(request: Request, response: Response) -> str:
    """The language of the texts; nothing of the answer is kept anywhere on its way."""
    response.headers["cache-control"] = "no-store"
    return language_of(request.headers.get("accept-language"))


Language = Annotated[str, Depends(language)]


@router.get("/v1/contradictions", summary="What cannot all be true, and who said it")
async def contradictions(
    caller: Reviewer,
    handler: Handler,
    speak: Language,
    kind: Kind | None = None,
    department: Annotated[DepartmentName | None, Query(description="That this department takes part in.")] = None,
    since: Annotated[Known | None, Query(description="That stand since this instant or later (RFC 3339).")] = None,
    explained: Annotated[bool, Query(description="Those that are explained, too.")] = False,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> ContradictionsFound:
    """Those in which the caller's department takes part; public security, the authority on identity, sees all. For the
    purpose `identity-review`; 403 for another one. Each person shown is written down."""
    return await handler.listed(caller, Asked(kind, department, since, explained, after, limit), speak)


@router.get("/v1/contradictions/{id}", summary="One contradiction with its sides")
async def contradiction(id: UUID, caller: Reviewer, handler: Handler, speak: Language) -> ContradictionFound:
    """404: unknown, gone, or not your department's."""
    return await handler.one(caller, id, speak)


@router.post("/v1/contradictions/{id}/explanation", summary="Say why all of it is true")
async def explanation(
    id: UUID, body: Explanation, caller: Reviewer, handler: Handler, speak: Language
) -> ContradictionFound:
    """It leaves the list until the facts change. Wrong reports are corrected or annulled instead, by who made them."""
    return await handler.explain(caller, id, body, speak)
