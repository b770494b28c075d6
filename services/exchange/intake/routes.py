"""POST /v1/events: structured, binary and batch CloudEvents."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from fastapi.routing import APIRoute

from services.exchange.intake.handlers import Intake
from services.exchange.intake.journal import Accepted, Report
from services.exchange.intake.transport import LARGEST_BODY, LARGEST_EVENT, Mode, message_of, messages, mode_of
from shared.auth.caller import Caller
from shared.auth.require import caller as caller_of
from shared.auth.require import require
from shared.contracts.judge import Judged
from shared.errors import Conflict, Problem, TooLarge, language_of
from shared.rates import Rates

reporter = require("reporter", department=True, counted=False)


class Straight(APIRoute):
    """Described from its signature, as any route; but the caller and the one query value are asked for directly. That
    the framework finds them out with every request takes longer than to judge an event."""

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override] # never None
        """As FastAPI documents routes with a handler of their own."""

        async def served(request: Request) -> Response:
            known = await reporter(request, await caller_of(request))  # refuses any `dry_run` but true and false
            return await report_events(request, known, dry_run=request.query_params.get("dry_run") == "true")

        return served


router = APIRouter(tags=["intake"], route_class=Straight)

Reporter = Annotated[Caller, Depends(reporter)]
DryRun = Annotated[bool, Query(description="Judge only; store nothing.")]


async def body_of(request: Request) -> bytes:
    """Read the body, never more than its limit (a header can lie about the length)."""
    length = request.headers.get("content-length", "")
    if length.isdecimal() and len(length) < 20 and int(length) > LARGEST_BODY:
        raise TooLarge
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > LARGEST_BODY:
            raise TooLarge
        chunks.append(chunk)
    return b"".join(chunks)


def answer_of(accepted: Accepted) -> tuple[int, dict[str, Any]]:
    """Status and body for one report that the journal has judged."""
    if accepted.verdict == "differs":
        raise Conflict("same-id-other-content")
    return (202 if accepted.verdict == "new" else 200), {"receipt": str(accepted.receipt), "status": "accepted"}


@router.post("/v1/events", status_code=202, summary="Report vital events")
async def report_events(request: Request, caller: Reporter, dry_run: DryRun = False) -> Response:
    """Accept one CloudEvent (structured or binary mode) or a batch of up to 1,000; committed before the answer.

    A repeat (same source and id) gets 200 and the same receipt; the same id with other content 409; faults 422, each by
    JSON pointer. 429 for more events a second than a department may report. Without an answer, or with 429 or 5xx: send
    the same again. A batch is answered 202 with a result for each event, also where some or all are refused.
    """
    rates: Rates = request.app.state.rates
    rates.take("events", caller.department or "")  # before its body is read
    mode = mode_of(request.headers)
    raws = messages(mode, request.headers, await body_of(request))
    rates.take("events", caller.department or "", len(raws), already=1)
    language = language_of(request.headers.get("accept-language"))
    results = await report(request.app.state.intake, caller, mode, request.headers, raws, dry_run=dry_run)
    if mode != "batch":
        result = results[0]
        if isinstance(result, Problem):
            raise result
        return Response(msgspec.json.encode(result[1]), status_code=result[0], media_type="application/json")
    told = [
        result.body(language) if isinstance(result, Problem) else {**result[1], "code": result[0]} for result in results
    ]
    return Response(msgspec.json.encode({"results": told}), status_code=202, media_type="application/json")


async def report(
    intake: Intake, caller: Caller, mode: Mode, headers: Any, raws: list[bytes], *, dry_run: bool
) -> list[tuple[int, dict[str, Any]] | Problem]:
    """Judge and accept messages; one bad event never spoils the others."""
    assert caller.department is not None
    results: list[tuple[int, dict[str, Any]] | Problem] = []
    reports: list[Report] = []
    places: list[int] = []
    for place, raw in enumerate(raws):
        if place % 100 == 99:
            await asyncio.sleep(0)  # a large batch lets the others in between
        try:
            judged = judged_of(intake, caller.department, mode, headers, raw)
        except Problem as problem:
            results.append(problem)
            continue
        results.append((200, {"status": "valid", "receipt": None}))
        reports.append(Report(judged, caller.department, raw))
        places.append(place)
    if dry_run:
        return results
    for place, accepted in zip(places, await intake.submit(reports), strict=True):
        try:
            results[place] = answer_of(accepted)
        except Problem as problem:
            results[place] = problem
    return results


def judged_of(intake: Intake, department: str, mode: Mode, headers: Any, raw: bytes) -> Judged:
    """One event of a body, judged. Raises TooLarge, Invalid or Forbidden; one of a batch is refused alone."""
    if len(raw) > LARGEST_EVENT:
        raise TooLarge
    if mode == "binary":
        return intake.judge(message_of(headers, raw), department)
    return intake.judge_text(raw, department)
