"""/contradictions: what cannot all be true of one person, who said it, and why it is true all the same.

Every look is written down by the handler, for each person whose statements are shown.
"""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse
from pydantic import ValidationError
from starlette.responses import Response

from services.registry.contradictions.handlers import Asked
from services.registry.contradictions.routes import DepartmentName, Handler, reviews_identity
from services.registry.contradictions.schemas import ContradictionFound, Explanation, Kind, Side
from services.registry.contradictions.values import KINDS
from services.registry.ui import words_events as words
from services.registry.ui.frame import PAGES, frame
from services.registry.ui.side_by_side import compared
from shared.auth.caller import Caller
from shared.auth.require import require
from shared.sessions.callers import any_caller
from shared.sessions.pages import SEE_OTHER, page_route
from shared.sharing.words import Words
from shared.web.forms import texts_of
from shared.web.language import page_language

router = APIRouter(tags=["pages"], include_in_schema=False, route_class=page_route(PAGES))

SECTION = "/contradictions"
ROWS = 25
ALL_KINDS = {kind: Words(zh=text.zh, en=text.en) for kind, text in KINDS.items()}
TOO_SHORT = Words(
    zh="请填写10至1000字的说明。尚未保存任何内容。", en="Explain in 10 to 1000 characters. Nothing was saved."
)

Reviewer = Annotated[
    Caller,
    Depends(
        require(
            "clerk",
            "reviewer",
            department=True,
            purpose=True,
            everywhere=True,
            by=any_caller,
            also=reviews_identity,
        )
    ),
]


@router.get(SECTION)
async def contradictions(
    request: Request,
    caller: Reviewer,
    handler: Handler,
    kind: Kind | Literal[""] = "",
    department: DepartmentName | Literal[""] = "",
    explained: bool = False,
    after: UUID | None = None,
) -> Response:
    """Those in which the caller's department takes part, the oldest first. A form says "" where it asks for all."""
    asked = Asked(kind or None, department or None, None, explained, after, ROWS)
    values = {
        "list": await handler.listed(caller, asked, page_language(request)),
        "asked": asked,
        "kinds": ALL_KINDS,
        "said": in_language,
        "words": words,
    }
    return PAGES.render(request, "contradictions.html", values | frame(request, caller, SECTION))


@router.get(SECTION + "/{id}")
async def contradiction(
    request: Request, id: UUID, caller: Reviewer, handler: Handler, explained: bool = False
) -> Response:
    """Both statements side by side."""
    return await page(request, caller, await handler.one(caller, id, page_language(request)), noted=explained)


@router.post(SECTION + "/{id}")
async def explain(request: Request, id: UUID, caller: Reviewer, handler: Handler) -> Response:
    """Say why all of it is true."""
    said = (await texts_of(request)).get("reason", "")
    try:
        explanation = Explanation(reason=said)
    except ValidationError:
        found = await handler.one(caller, id, page_language(request))
        return await page(request, caller, found, said=said, fault=TOO_SHORT)
    await handler.explain(caller, id, explanation, page_language(request))
    return RedirectResponse(f"{SECTION}/{id}?explained=true", SEE_OTHER)


async def page(
    request: Request,
    caller: Caller,
    found: ContradictionFound,
    *,
    noted: bool = False,
    said: str = "",
    fault: Words | None = None,
) -> Response:
    """One contradiction; `said`: an explanation that was not taken."""
    fields = {side.field for side in found.sides}
    told = [in_language(side, page_language(request)) for side in found.sides]
    row = compared("value", told, by_character=not fields & words.VALUES.keys())
    values = {
        "found": found,
        "row": row,
        "alike": len(fields) == 1,
        "words": words,
        "noted": noted,
        "said": said,
        "fault": fault,
    }
    return PAGES.render(
        request, "contradiction.html", values | frame(request, caller, SECTION), status=422 if fault else 200
    )


def in_language(side: Side, language: str) -> str | None:
    """What a side says, codes in words."""
    said = words.VALUES.get(side.field, {}).get(side.value or "")
    if said is None:
        return side.value
    return said.zh if language == "zh-CN" else said.en
