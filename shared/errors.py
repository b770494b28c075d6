"""What goes wrong, as the caller sees it: one small tree of problems, answered as RFC 9457 problem+json.

Titles come from `errors_text.ERRORS` in the caller's language. No exception text and no value that was sent leave here.
"""

from typing import Any

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.errors_faults import Fault, faults_of
from shared.errors_text import RuleBroken, Text, declare
from shared.errors_tree import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Problem,
    TooLarge,
    Unauthenticated,
    Unavailable,
)

__all__ = [
    "Conflict",
    "Fault",
    "Forbidden",
    "Invalid",
    "NotFound",
    "Problem",
    "RuleBroken",
    "Text",
    "TooLarge",
    "Unauthenticated",
    "Unavailable",
    "declare",
    "faults_of",
    "install",
    "language_of",
    "problem_of",
    "problem_response",
]

log = structlog.get_logger(__name__)


def language_of(accept_language: str | None) -> str:
    """Give "zh-CN" or "en", whichever an Accept-Language header (RFC 9110) ranks higher; "en" if it names neither."""
    ranks = {"en": 0.0, "zh": 0.0}
    for choice in (accept_language or "")[:500].split(","):
        tag, _, weight = choice.partition(";")
        primary = tag.strip().lower().partition("-")[0]
        try:
            rank = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        if primary in ranks:
            ranks[primary] = max(ranks[primary], rank)
    return "zh-CN" if ranks["zh"] > ranks["en"] else "en"


def problem_response(request: Request, problem: Problem) -> Response:
    """The answer for a problem, in the language of the request."""
    language = language_of(request.headers.get("accept-language"))
    return JSONResponse(
        problem.body(language),
        status_code=problem.status,
        headers={**problem.headers, "Content-Language": language, "Vary": "Accept-Language"},
        media_type="application/problem+json",
    )


def problem_of(error: HTTPException) -> Problem:
    """The problem for a refusal of the framework's. Its own detail text is dropped: it may quote what was sent."""
    slug = _SLUG_OF_STATUS.get(error.status_code, "refused" if error.status_code < 500 else "internal")
    problem = Problem(slug, headers=error.headers)
    problem.status = error.status_code
    return problem


def install(app: FastAPI) -> None:
    """Make every refusal of `app` a problem. Call it before adding other middleware, so that it stays innermost."""
    app.exception_handler(Problem)(_answer_problem)
    app.exception_handler(HTTPException)(_answer_http)
    app.exception_handler(RequestValidationError)(_answer_invalid)
    app.exception_handler(Exception)(_answer_unexpected)
    app.add_middleware(_LastResort)


_SLUG_OF_STATUS = {
    400: "malformed",
    401: "unauthenticated",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    409: "conflict",
    413: "too-large",
    415: "unsupported-media-type",
    422: "invalid",
    429: "quota-exceeded",
    503: "unavailable",
}


async def _answer_problem(request: Request, error: Problem) -> Response:
    return problem_response(request, error)


async def _answer_http(request: Request, error: HTTPException) -> Response:
    if error.status_code < 400:
        return Response(status_code=error.status_code, headers=error.headers)
    return problem_response(request, problem_of(error))


async def _answer_invalid(request: Request, error: RequestValidationError) -> Response:
    findings: list[dict[str, Any]] = list(error.errors())
    if any(finding["type"] == "json_invalid" for finding in findings):
        return problem_response(request, Problem("malformed"))
    faults: list[Fault] = []
    for finding in findings:
        part, loc = finding["loc"][0], finding["loc"][1:]
        document = error.body if part == "body" else None
        (fault,) = faults_of([{**finding, "loc": loc}], document)
        faults.append(fault if part == "body" else fault._replace(pointer=f"{part}{fault.pointer}"))
    return problem_response(request, Invalid(faults=list(dict.fromkeys(faults))))


async def _answer_unexpected(request: Request, error: Exception) -> Response:
    return problem_response(request, Problem("internal"))


class _AnswerBroken(Exception):
    """An answer that had begun could not be finished; the connection is cut so that the reader notices."""


class _LastResort:
    """Turns anything unexpected into a 500 and logs only where it happened.

    Starlette's own last handler re-raises, and the server then logs the exception's text, which can quote a database.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception as error:
            log.error("request_failed", error=type(error).__qualname__, where=_where(error))
            if not begun:
                request = Request(scope)
                await (await _answer_unexpected(request, error))(scope, receive, send)
                return
        else:
            return
        # Outside the except block: nothing of the original error is chained to this one.
        raise _AnswerBroken


def _where(error: BaseException) -> list[str]:
    """The innermost frames, file and line only: no values."""
    frames: list[str] = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        frames.append(f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return frames[-5:]
