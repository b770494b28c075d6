"""/people: whoever an official may look up, found by a number or by full name and birth date; /people/{reference}:
their timeline on both axes. What is looked for is posted and never stands in an address; a reference is the
department's own.

Every search and every look is counted and written down by the handlers.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import ValidationError
from starlette.responses import Response

from services.registry.people import history
from services.registry.people.handlers import Instant
from services.registry.people.routes import Handler
from services.registry.people.schemas import ChangeShown, Timeline
from services.registry.search.routes import Handler as SearchHandler
from services.registry.search.schemas import Hit, Search
from services.registry.ui import citizen_words as values
from services.registry.ui import words_people as words
from services.registry.ui.frame import PAGES, frame, places
from services.registry.ui.timeline_picture import Said, end_of, picture, text_of
from services.registry.ui.words import in_words, said_of
from shared.auth.caller import Caller
from shared.auth.require import require
from shared.errors import Forbidden, Problem
from shared.sessions.callers import any_caller
from shared.sessions.pages import page_route
from shared.sharing.fields import FIELDS
from shared.sharing.words import Words
from shared.web.forms import texts_of
from shared.web.language import page_language

router = APIRouter(tags=["pages"], include_in_schema=False, route_class=page_route(PAGES))

SECTION = "/people"
AREAS = ("registered_area", "current_area")
ORDER: Sequence[str] = FIELDS

Official = Annotated[
    Caller, Depends(require("reporter", "follower", "clerk", department=True, purpose=True, by=any_caller))
]


@router.get(SECTION)
async def people(request: Request, caller: Official) -> Response:
    """The forms of a search."""
    return await page(request, caller, {})


@router.post(SECTION)
async def search(request: Request, caller: Official, handler: SearchHandler) -> Response:
    """The best hits. A number, or a full name and a birth date; each person shown is written down."""
    said = await texts_of(request)
    try:
        found = await handler.search(caller, Search.model_validate_json(words.asked(said)))
    except ValidationError as fault:
        return await page(request, caller, said, faults=words.faults(fault), status=422)
    except Problem as refusal:
        return await page(request, caller, said, faults=[said_of(refusal)], status=refusal.status)
    return await page(request, caller, said, found)


@router.get(SECTION + "/{reference}")
async def person(
    request: Request, reference: str, caller: Official, handler: Handler, known_on: date | None = None
) -> Response:
    """What held from which day on, who said so and when it was known, in the fields that the caller may see."""
    known_at = end_of(known_on) if known_on else None
    try:
        found = await history.timeline(handler, caller, reference, Instant(None, known_at))
    except Forbidden as refusal:
        return PAGES.render(
            request, "refused.html", {"fault": said_of(refusal)} | frame(request, caller, SECTION), status=403
        )
    said = await in_language(request, found)
    shown = {
        "timeline": found,
        "steps": [(step.on, sorted(step.changes, key=in_order)) for step in found.steps],
        "picture": picture(found.steps, said, ORDER),
        "said": said,
        "text_of": text_of,
        "known_on": known_on,
        "words": words,
    }
    return PAGES.render(request, "person.html", shown | frame(request, caller, SECTION))


async def page(
    request: Request,
    caller: Caller,
    said: Mapping[str, str],
    found: list[Hit] | None = None,
    *,
    faults: list[Words] | None = None,
    status: int = 200,
) -> Response:
    """The forms with what was typed, and what was found."""
    hits = found or []
    named = await places(request, [str(hit.fields[field]) for hit in hits for field in AREAS if hit.fields.get(field)])
    shown = {
        "said": said,
        "found": found,
        "faults": faults or [],
        "areas": named,
        "words": words,
        "called": called,
        "purpose": in_words(values.PURPOSES, caller.purpose or ""),
    }
    return PAGES.render(request, "people.html", shown | frame(request, caller, SECTION), status=status)


def in_order(change: ChangeShown) -> tuple[int, datetime]:
    """As fields are listed everywhere, what was known first before what it turned out to be."""
    return ORDER.index(change.field), change.known_since


async def in_language(request: Request, found: Timeline) -> Said:
    """What every value of a timeline is called."""
    pairs = {(each.field, text_of(each.value)) for step in found.steps for each in step.changes}
    named = await places(request, [value for field, value in pairs if field in AREAS and value])
    language = page_language(request)
    return {(field, value): called(field, value, named, language) for field, value in pairs}


def called(field: str, value: str | None, named: Mapping[str, Words], language: str) -> str:
    """What a value is called; the value itself where it has no other name."""
    if value is None:
        told: Words | None = words.ENDED
    else:
        told = named.get(value) if field in AREAS else values.VALUES.get(field, {}).get(value)
    if told is None:
        return str(value)
    return told.zh if language == "zh-CN" else told.en
