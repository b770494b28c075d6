"""What a page answers that cannot be shown: a page too, in the reader's language, with a way back."""

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from shared.errors import Invalid, NotFound, Problem, Unavailable, problem_of
from shared.errors_text import Text
from shared.web.pages import Pages

AWAY = 503
KINDS = {403: "not-allowed", 404: "gone", 405: "no-page", 429: "too-many", AWAY: "away"}
UNREAD = frozenset({400, 413, 415, 422})
READING = frozenset({"GET", "HEAD"})


def refused(pages: Pages, request: Request, problem: Problem, home: str) -> Response:
    """The page for a problem; `home` is where one goes back to. Nothing that was sent is repeated."""
    kind = KINDS.get(problem.status, "refused")
    if problem.status == AWAY and problem.slug != Unavailable().slug:
        kind = "refused"  # it is no matter of seconds, and its own text says so
    if problem.status in UNREAD:
        kind = "unread" if request.method in READING else "unsent"
    values = {
        "kind": kind,
        "title": problem.text.title,
        "detail": problem.detail if isinstance(problem.detail, Text) else problem.text.what_to_do,
        "again": kind == "unread" and bool(request.url.query),
        "home": home,
    }
    return pages.render(request, "problem.html", values, status=problem.status, headers=problem.headers)


def unread(error: RequestValidationError | HTTPException) -> Problem:
    """The problem of an address or a form that the framework refused to read."""
    if isinstance(error, HTTPException):
        return problem_of(error)
    # An address that names nothing that could exist is like one that names nothing that does.
    return NotFound() if any(finding["loc"][0] == "path" for finding in error.errors()) else Invalid()
