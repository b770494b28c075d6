"""What all pages of the exchange have in common: who may see them, and what stands around them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request

from services.exchange.ui import words
from shared.auth.caller import Caller
from shared.auth.require import require
from shared.sessions.callers import any_caller
from shared.sharing.departments import Departments
from shared.sharing.words import Words
from shared.web.pages import Pages

PAGES = Pages(Path(__file__).parent)
STAFF = ("reporter", "follower", "clerk", "reviewer")

Department = Annotated[Caller, Depends(require(*STAFF, department=True, by=any_caller))]
# As the API has it: who signs agreements has no business with cases.
CaseReader = Annotated[Caller, Depends(require(*STAFF[:3], department=True, everywhere=True, by=any_caller))]
Follower = Annotated[Caller, Depends(require("follower", department=True, everywhere=True, by=any_caller))]
Retrying = Annotated[Caller, Depends(require("reporter", "clerk", department=True, by=any_caller))]
Administrator = Annotated[Caller, Depends(require("administrator", city=True, by=any_caller))]

# The sections of a department's page, and the role that each asks for beyond belonging to the department.
SECTIONS: Mapping[str, frozenset[str]] = {
    "": frozenset(STAFF),
    "/receipts": frozenset(STAFF),
    "/feed": frozenset({"follower"}),
    "/cases": frozenset(STAFF[:3]),
    "/agreements": frozenset(STAFF),
}
EVERYWHERE = frozenset({"/feed", "/cases"})  # all of the department's people: not for a caller limited to areas


def titles(request: Request) -> Mapping[str, Words]:
    """What the departments are called."""
    departments: Departments = request.app.state.departments
    return words.department_titles(departments)


def frame(request: Request, caller: Caller) -> dict[str, object]:
    """Who is signed in, for which department, and where one can go from here."""
    department = caller.department
    return {
        "subject": caller.subject,
        "signed_in": "authorization" not in request.headers,
        "place": titles(request)[department] if department else None,
        "sections": [
            section
            for section, roles in SECTIONS.items()
            if department and roles & caller.roles and not (caller.areas and section in EVERYWHERE)
        ],
        "retries": bool(caller.roles & {"reporter", "clerk"}),
        "administrates": department is None and "administrator" in caller.roles,
        "words": words,
    }
