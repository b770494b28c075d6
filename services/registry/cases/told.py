"""What the exchange is told of cases; entry ids are made of the case, so that an answer is told once."""

from typing import Literal
from uuid import uuid4, uuid5

import msgspec

from services.registry.cases.repository import Ended
from services.registry.sharing.entries import CaseAsked
from shared.feed.values import NewEntry

AGREEMENT_ENDED = "agreement-ended"


def answer(asked: CaseAsked, status: Literal["open", "not-found", "ended"], reference: str | None = None) -> NewEntry:
    """The case is open under this reference, or there is nobody certain; or its agreement had ended before anyone was
    looked for."""
    body = {
        "kind": "case",
        "case": asked.case,
        "department": asked.department,
        "reference": reference,
        "status": status,
        "reason": AGREEMENT_ENDED if status == "ended" else None,
        "purpose": asked.purpose,
        "agreement": asked.agreement,
        "until": asked.until,
    }
    return NewEntry(uuid5(asked.case, "answer"), msgspec.json.encode(body))


def ended(case: Ended, reference: str) -> NewEntry:
    """The case is over."""
    body = {
        "kind": "case",
        "case": case.case,
        "department": case.department,
        "reference": reference,
        "status": "ended",
        "reason": case.reason,
        "purpose": case.purpose,
        "agreement": case.agreement,
        "until": case.until,
    }
    return NewEntry(uuid5(case.case, "ended"), msgspec.json.encode(body))


def nothing_reported(department: str, reference: str, *, registered: bool) -> NewEntry:
    """Nothing that the department reported on this person counts any more. `registered`: whether they stand in the
    household register now, for this is told before the person is."""
    body = {
        "kind": "case",
        "department": department,
        "reference": reference,
        "status": "ended",
        "reason": "nothing-reported",
        "registered": registered,
    }
    return NewEntry(uuid4(), msgspec.json.encode(body))
