"""/reviews: what waits for a clerk of the department that registers identity, shown side by side, and decided by form.

Every look at somebody is written down by the handler, in the transaction that reads.
"""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse
from pydantic import ValidationError
from starlette.responses import Response

from services.registry.reviews.handlers import Reviews
from services.registry.reviews.problems import NOT_SAID, Refused
from services.registry.reviews.routes import PURPOSE, Handler
from services.registry.reviews.schemas import Asked, Decision, Kind, ReviewShown, Standing
from services.registry.ui import review_shown as shown
from services.registry.ui import words_reviews as words
from services.registry.ui.frame import PAGES, frame, places
from services.registry.ui.side_by_side import letter
from services.registry.ui.words import problem
from shared.auth.caller import Caller
from shared.auth.require import require
from shared.errors import Forbidden, NotFound
from shared.sessions.callers import any_caller
from shared.sessions.pages import SEE_OTHER, page_route
from shared.sharing.words import Words
from shared.web.forms import texts_of
from shared.web.language import page_language

router = APIRouter(tags=["pages"], include_in_schema=False, route_class=page_route(PAGES))

SECTION = "/reviews"
ROWS = 50
TO = "to."  # and a record's name: the field of a form that says whose it is
LEAVING = "leaving."  # and a record's name: ticked where it is somebody else's
UNASKED = (
    Words(
        zh="合并须填两个不同的引用，拆分须填一个，撤销合并须填被并入的原引用；理由3至1000字。",
        en="Name two people to merge, one to split, or the reference that was merged away; reasons have 3 characters.",
    ),
    Words(zh="尚未保存任何内容。", en="Nothing was saved."),
)
NOBODY = (Words(zh="没有此引用。", en="There is no such reference."), UNASKED[1])
UNCLEAR = (
    Words(
        zh="请选择决定，并填写理由（3至1000字）。", en="Choose a decision, and give a reason of 3 to 1000 characters."
    ),
    Words(zh="尚未保存任何内容。", en="Nothing was saved."),
)

Problem = tuple[Words, Words]


async def at_the_desk(caller: Annotated[Caller, Depends(any_caller)], handler: Handler) -> Caller:
    """As the API has it: of the department that registers identity, there to review it. Raises Forbidden."""
    if caller.department != handler.authority or caller.purpose != PURPOSE:
        raise Forbidden
    return caller


Clerk = Annotated[
    Caller, Depends(require("clerk", "reviewer", department=True, purpose=True, everywhere=True, by=at_the_desk))
]


@router.get(SECTION)
async def reviews(
    request: Request,
    caller: Clerk,
    handler: Handler,
    kind: Kind | None = None,
    standing: Standing = "open",
    after: UUID | None = None,
    decided: bool = False,
    sent: bool = False,
) -> Response:
    """The queue, the oldest first; nobody's data is in the list. `sent`: a review was just asked for."""
    return await queue(request, caller, handler, (standing, kind, after), decided=decided, sent=sent)


async def queue(
    request: Request,
    caller: Caller,
    handler: Reviews,
    chosen: tuple[Standing, Kind | None, UUID | None] = ("open", None, None),
    *,
    decided: bool = False,
    sent: bool = False,
    said: Mapping[str, str] | None = None,
    trouble: Problem | None = None,
    status: int = 200,
) -> Response:
    """The queue with the form that asks for a review; `said`: what was sent and could not be done."""
    standing, kind, after = chosen
    values = {
        "list": await handler.listed(standing, kind, after, ROWS),
        "words": words,
        "kind": kind,
        "decided": decided,
        "standing": standing,
        "later": after is not None,
        "sent": sent,
        "said": said or {},
        "trouble": trouble,
    }
    return PAGES.render(request, "reviews.html", values | frame(request, caller, SECTION), status=status)


@router.post(SECTION)
async def ask(request: Request, caller: Clerk, handler: Handler) -> Response:
    """Ask for a merge, a split, or the undoing of a merge; another official decides. References that are nobody's are
    one answer."""
    said = await texts_of(request)
    people = [each.strip() for each in (said.get("one", ""), said.get("other", "")) if each.strip()]
    try:
        await handler.ask(
            caller, Asked.model_validate({"ask": said.get("ask"), "people": people, "reason": said.get("reason")})
        )
    except ValidationError:
        return await queue(request, caller, handler, said=said, trouble=UNASKED, status=422)
    except NotFound as refusal:
        return await queue(request, caller, handler, said=said, trouble=NOBODY, status=refusal.status)
    except Refused as refusal:
        trouble = UNASKED if refusal.slug == NOT_SAID else problem(refusal.slug)
        return await queue(request, caller, handler, said=said, trouble=trouble, status=refusal.status)
    return RedirectResponse(f"{SECTION}?sent=true", SEE_OTHER)


@router.get(SECTION + "/{review}")
async def review(request: Request, review: UUID, caller: Clerk, handler: Handler) -> Response:
    """Everyone in question side by side; the look is written down for each of them."""
    return await page(request, caller, await handler.shown(caller, review))


@router.post(SECTION + "/{review}")
async def decide(request: Request, review: UUID, caller: Clerk, handler: Handler) -> Response:
    """Decide, and go back to the queue. Where somebody decided meanwhile, or the people changed, show how it stands."""
    said = await texts_of(request)
    to = {name.removeprefix(TO): to for name, to in said.items() if name.startswith(TO) and to}
    leaving = [name.removeprefix(LEAVING) for name in said if name.startswith(LEAVING)]
    wanted = {"decision": said.get("decision"), "reason": said.get("reason"), "version": said.get("version")}
    more: dict[str, dict[str, object]] = {"link": {"to": to}, "split": {"leaving": leaving}}
    try:
        decision = Decision.model_validate(wanted | more.get(wanted["decision"] or "", {}))
        await handler.decide(caller, review, decision)
    except ValidationError:
        return await page(request, caller, await handler.shown(caller, review), UNCLEAR, said, 422)
    except Refused as refusal:
        again = await handler.shown(caller, review)
        return await page(request, caller, again, problem(refusal.slug), said, refusal.status)
    return RedirectResponse(f"{SECTION}?decided=true", SEE_OTHER)


async def page(
    request: Request,
    caller: Caller,
    review: ReviewShown,
    trouble: Problem | None = None,
    said: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    """A review as it stands; `said`: what was sent and could not be done."""
    language = page_language(request)
    areas = await places(request, [each.registered_area for each in review.candidates if each.registered_area])
    references = [each.reference for each in review.candidates]
    values = {
        "review": review,
        "rows": shown.rows(review, areas, language),
        "questions": shown.asked_first(review),
        "letters": {reference: letter(place, language) for place, reference in enumerate(references)},
        "weighed": shown.weighed(review),
        "rules": shown.rules(review),
        "asked_because": shown.asked_because(review),
        "pieces": shown.pieces(review),
        "decisions": shown.decisions(review),
        "half": shown.HALF,
        "words": words,
        "trouble": trouble,
        "said": said or {},
        "to": TO,
        "leaving": LEAVING,
    }
    return PAGES.render(request, "review.html", values | frame(request, caller, SECTION), status=status)
