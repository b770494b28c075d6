"""/corrections: what a department asked to be corrected, and what it decides as the authority on the field.

What the authority sees of a person is written down by the handler, in the transaction that reads.
"""

import json
from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse
from pydantic import ValidationError
from starlette.responses import Response

from services.registry.corrections.handlers import PURPOSE, Corrections
from services.registry.corrections.problems import Refused
from services.registry.corrections.routes import Handler, decides
from services.registry.corrections.schemas import Annul, AskOf, Decision, Shown, Side, Standing
from services.registry.ui import citizen_words as values
from services.registry.ui import words_events, words_people
from services.registry.ui.frame import PAGES, frame, places
from services.registry.ui.people import AREAS, called
from services.registry.ui.sections import ASKS
from services.registry.ui.words import said_of
from shared.auth.caller import Caller
from shared.auth.require import require
from shared.errors import Invalid, NotFound
from shared.sessions.callers import any_caller
from shared.sessions.pages import SEE_OTHER, page_route
from shared.sharing.fields import FIELDS, REFERENCE_FIELDS
from shared.sharing.words import Words
from shared.web.forms import texts_of

router = APIRouter(tags=["pages"], include_in_schema=False, route_class=page_route(PAGES))

SECTION = "/corrections"
ROWS = 50
UNASKED = Words(
    zh="请填写本部门的引用、项目、正确的内容和理由。尚未保存任何内容。",
    en="Give your department's reference, the field, what is right, and a reason. Nothing was saved.",
)
NOBODY = Words(
    zh="没有此引用，或本部门看不到此人的该项目。尚未保存任何内容。",
    en="There is no such reference, or the field is not yours to see. Nothing was saved.",
)
UNFIT = Words(
    zh="请选择决定，填写理由，并填妥该决定所需的内容。尚未保存任何内容。",
    en="Choose a decision, give a reason, and fill in what it needs. Nothing was saved.",
)

Either = Annotated[
    Caller,
    Depends(
        require("clerk", "reporter", "reviewer", department=True, purpose=True, everywhere=True, by=any_caller),
    ),
]


Asker = Annotated[
    Caller, Depends(require("clerk", "reporter", department=True, purpose=True, everywhere=True, by=any_caller))
]
Decider = Annotated[
    Caller,
    Depends(require("clerk", "reviewer", department=True, purpose=True, everywhere=True, by=any_caller, also=decides)),
]


@router.get(SECTION)
async def corrections(
    request: Request,
    caller: Either,
    handler: Handler,
    side: Side | None = None,
    standing: Standing | None = None,
    after: UUID | None = None,
    reference: Annotated[str, Query(max_length=200)] = "",
    sent: bool = False,
) -> Response:
    """The queue, the one due first first; nobody's data is in the list. `reference`: of whom a correction is to be
    asked for; `sent`: one was."""
    asked = {"reference": reference} if reference else {}
    return await queue(request, caller, handler, side, standing, after, sent=sent, said=asked)


async def queue(
    request: Request,
    caller: Caller,
    handler: Corrections,
    side: Side | None = None,
    standing: Standing | None = None,
    after: UUID | None = None,
    *,
    sent: bool = False,
    said: Mapping[str, str] | None = None,
    fault: Words | None = None,
    status: int = 200,
) -> Response:
    """The queue with the form that asks; `said`: what stands in it."""
    chosen = side or ("to-decide" if caller.purpose == PURPOSE else "asked")
    shown = {
        "list": await handler.listed(caller.department or "", chosen, standing, after, ROWS),
        "side": chosen,
        "standing": standing,
        "later": after is not None,
        "standings": values.STANDINGS,
        "fields": words_people.FIELDS,
        "choice": [name for name in FIELDS if name not in REFERENCE_FIELDS],
        "asks": caller.purpose != PURPOSE and bool(caller.roles & ASKS),
        "sent": sent,
        "said": said or {},
        "fault": fault,
    }
    return PAGES.render(request, "corrections.html", shown | frame(request, caller, SECTION), status=status)


@router.post(SECTION)
async def ask(request: Request, caller: Asker, handler: Handler) -> Response:
    """Ask for a correction of somebody by the department's own reference. Unknown and not ours is one answer."""
    said = await texts_of(request)
    wanted = {name: text.replace("\r\n", "\n").strip() for name, text in said.items() if text.strip()}
    try:
        await handler.asking.ask(caller, AskOf.model_validate(wanted))
    except (ValidationError, Invalid):
        return await queue(request, caller, handler, said=said, fault=UNASKED, status=422)
    except NotFound as refusal:
        return await queue(request, caller, handler, said=said, fault=NOBODY, status=refusal.status)
    except Refused as refusal:
        return await queue(request, caller, handler, said=said, fault=said_of(refusal), status=refusal.status)
    return RedirectResponse(f"{SECTION}?side=asked&sent=true", SEE_OTHER)


@router.get(SECTION + "/{correction}")
async def correction(
    request: Request, correction: UUID, caller: Either, handler: Handler, saved: bool = False
) -> Response:
    """One request, for the department that asked and for the authority."""
    return await page(request, caller, await handler.shown(caller, correction), saved=saved)


@router.post(SECTION + "/{correction}")
async def decide(request: Request, correction: UUID, caller: Decider, handler: Handler) -> Response:
    """Decide, always with reasons."""
    said = await texts_of(request)
    try:
        await handler.decide(caller, correction, Decision.model_validate(decided(said)))
    except (ValidationError, Invalid, Refused) as refusal:
        again = await handler.shown(caller, correction)
        status = 422 if isinstance(refusal, ValidationError) else refusal.status
        fault = said_of(refusal) if isinstance(refusal, Refused) else UNFIT
        return await page(request, caller, again, said=said, fault=fault, status=status)
    return RedirectResponse(f"{SECTION}/{correction}?saved=true", SEE_OTHER)


@router.post(SECTION + "/{correction}/annulment")
async def annul(request: Request, correction: UUID, caller: Decider, handler: Handler) -> Response:
    """Take an approved correction back."""
    said = await texts_of(request)
    try:
        await handler.annul(caller, correction, Annul.model_validate({"reason": said.get("reason")}).reason)
    except (ValidationError, Refused) as refusal:
        again = await handler.shown(caller, correction)
        status = 422 if isinstance(refusal, ValidationError) else refusal.status
        fault = said_of(refusal) if isinstance(refusal, Refused) else UNFIT
        return await page(request, caller, again, said=said, fault=fault, status=status)
    return RedirectResponse(f"{SECTION}/{correction}?saved=true", SEE_OTHER)


def decided(said: Mapping[str, str]) -> dict[str, object]:
    """A decision as the API takes it: of the form only what belongs to the one that was chosen."""
    found: dict[str, object] = {"decision": said.get("decision"), "reason": lines(said.get("reason", ""))}
    if said.get("law", "").strip():
        found["law"] = said["law"].strip()
    match said.get("decision"):
        case "approve" if said.get("value", "").strip():
            found["value"] = said["value"].strip()
        case "settle":
            found["receipt"] = said.get("receipt", "").strip()
        case "permit":
            found["supersedes"] = event_of(said.get("event", ""))
    return found


def lines(text: str) -> str:
    """A text area's lines as the API has them."""
    return text.replace("\r\n", "\n").strip()


def event_of(written: str) -> object:
    """The event that was chosen: source and id, as the form's option says them. Nothing where it says none."""
    try:
        source, identifier = json.loads(written)
    except (ValueError, TypeError):
        return None
    return {"source": source, "id": identifier}


async def page(
    request: Request,
    caller: Caller,
    found: Shown,
    *,
    saved: bool = False,
    said: Mapping[str, str] | None = None,
    fault: Words | None = None,
    status: int = 200,
) -> Response:
    """One request as it stands; `said`: what was sent and could not be done."""
    current = found.question.current if found.question else None
    codes = [each for each in (found.value, found.approved, current) if each] if found.field in AREAS else []
    shown = {
        "found": found,
        "question": found.question,
        "decides": caller.purpose == PURPOSE and found.authority.name == caller.department,
        "called": called,
        "areas": await places(request, codes),
        "fields": words_people.FIELDS,
        "types": words_events.TYPES,
        "standings": values.STANDINGS,
        "saved": saved,
        "said": said or {},
        "fault": fault,
    }
    return PAGES.render(request, "correction.html", shown | frame(request, caller, SECTION), status=status)
