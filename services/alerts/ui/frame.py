"""What all pages of alerts have in common: how they are rendered, and what stands around them."""

from pathlib import Path

from fastapi import Request

from services.alerts.state import alerts_of
from shared.auth.caller import Caller
from shared.web.language import page_language
from shared.web.pages import HEADERS, Pages

PAGES = Pages(Path(__file__).parent)
# The worklist's one script is our own file; it may listen to our own stream, and nothing else.
WITH_SCRIPT = {
    "content-security-policy": HEADERS["content-security-policy"] + "; script-src 'self'; connect-src 'self'"
}


PLACES: dict[str, str | None] = {  # None: for care workers and supervisors alike
    "/worklist": "care-worker",
    "/episodes": "care-worker",
    "/enrolment": "care-worker",
    "/asked": "care-worker",
    "/handovers": "care-worker",
    "/supervision": "supervisor",
    "/questions": "supervisor",
    "/flags": "supervisor",
    "/staff": "supervisor",
    "/channels": None,
}


def sections(caller: Caller) -> list[str]:
    """Where one can go from here, by what one may do."""
    return [place for place, role in PLACES.items() if role is None or role in caller.roles]


def frame(request: Request, caller: Caller, section: str = "/worklist") -> dict[str, object]:
    """Who is signed in, and where."""
    facility = alerts_of(request).facilities.get(caller.facility)
    assert facility is not None
    name = facility.zh if page_language(request) == "zh-CN" else facility.en
    return {"facility": name, "subject": caller.subject, "section": section, "sections": sections(caller)}
