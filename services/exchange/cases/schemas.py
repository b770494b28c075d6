"""Bodies of cases."""

from datetime import date, datetime
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from services.exchange.cases.standing import Status
from shared.contracts.envelope import no_identity_number
from shared.contracts.values import Day, Identifier
from shared.sharing.closed import AgreementId, Purpose

OwnId = Annotated[
    str,
    StringConstraints(min_length=1, max_length=64, pattern=r"^[0-9A-Za-z][0-9A-Za-z._:/-]*$"),
    AfterValidator(no_identity_number),
    Field(description="The department's own name of the case, unique for ever; no identity number."),
]


class Asked(BaseModel):
    """Whom a department has to do with, for what, on which agreement, and until when (the last day)."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)

    id: OwnId
    identifier: Identifier
    purpose: Purpose
    agreement: AgreementId
    until: Day


class CaseAsked(BaseModel):
    """The case has a name; whether the person is known is told on the feed, and by `GET /v1/cases/{case}`."""

    case: UUID
    status: Status


class CaseShown(BaseModel):
    """One case. By call: purpose, agreement and last day. By reporting: the receipt that opened it, and no end but the
    end of what was reported. `reference`: the department's own for the person, as soon as it is known."""

    case: UUID
    id: str | None
    opened_by: Literal["call", "reporting"]
    receipt: UUID | None
    status: Status
    reason: Annotated[str | None, Field(description="Why it has ended.")]
    reference: str | None
    purpose: str | None
    agreement: str | None
    until: date | None
    asked_at: datetime | None
    opened_at: datetime | None
    closed_at: datetime | None


class CasesShown(BaseModel):
    """A page of cases; ask on with `after=next_after` until it is null."""

    cases: list[CaseShown]
    next_after: UUID | None
